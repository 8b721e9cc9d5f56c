using System.CommandLine;
using Orchestrator.Client.Cluster;
using Orchestrator.Planning.Plugins;
using Orchestrator.Planning.Specs;

namespace Orchestrator.Client.Commands;

/// <summary><c>schema</c>: the JSON Schema with which an editor checks and completes specs, with the analyses that are installed.</summary>
internal static class SchemaCommand
{
    public static Command Create(ClientContext context)
    {
        var cluster = new Option<bool>("--cluster") { Description = "The schema of cluster files instead." };
        var command = new Command("schema", "Print the JSON Schema of specs, for editors.") { cluster };
        command.SetAction(parsed =>
        {
            context.Screen.Line((parsed.GetValue(cluster)
                ? EditorSchema.OfCluster()
                : EditorSchema.OfSpec(PluginCatalog.Read(SiloInstallation.Find(context.ProgramFolder).Plugins))).TrimEnd());
            return ExitCodes.Done;
        });
        return command;
    }
}
