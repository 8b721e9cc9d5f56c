using System.CommandLine;
using System.Text.Json;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Planning.Plugins;

namespace Orchestrator.Client.Commands;

/// <summary><c>plugin ls</c>: what analyses there are, who offers them, and whether they may be used.</summary>
internal static class PluginCommand
{
    public static Command Create(ClientContext context) =>
        new("plugin", "Analyses, and the plugins that offer them.") { List(context) };

    private static Command List(ClientContext context)
    {
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("ls", "List the plugins with their state and SHA-256.") { store, json };
        command.SetAction(parsed =>
        {
            var allowed = ClusterSettings.AccessOf(parsed.Layout(store)).Plugins;
            var plugins = PluginCatalog.Read(SiloInstallation.Find(context.ProgramFolder).Plugins, allowed).Plugins;
            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(plugins.Select(plugin => new
                {
                    plugin.Name,
                    plugin.Manifest?.Id,
                    plugin.Manifest?.Version,
                    State = StateOf(plugin),
                    plugin.Reason,
                    plugin.Sha256,
                    plugin.Folder,
                    Analyses = Kinds(plugin),
                }));
                return ExitCodes.Done;
            }

            var table = new TextTable("!plugin", "version", "!state", "analyses", "SHA-256");
            foreach (var plugin in plugins)
            {
                table.Add(plugin.Manifest?.Id ?? plugin.Name, plugin.Manifest?.Version ?? "", StateOf(plugin), string.Join(", ", Kinds(plugin)), plugin.Sha256);
            }

            context.Screen.Write(table);
            foreach (var plugin in plugins.Where(plugin => plugin.Reason is not null))
            {
                context.Screen.Line($"{plugin.Name}: {plugin.Reason}");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static string StateOf(PluginEntry plugin) => JsonNamingPolicy.KebabCaseLower.ConvertName(plugin.State.ToString());

    private static IReadOnlyList<string> Kinds(PluginEntry plugin) => [.. plugin.Manifest?.Analyses.Select(analysis => analysis.Kind) ?? []];
}
