using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.Client.Display;

namespace Orchestrator.Processes;

/// <summary>Commands in this process: many processes would wait for each other's start.</summary>
internal static class InProcess
{
    /// <summary>What it wrote, as JSON; null: it failed, and whether it was done is not known.</summary>
    public static async Task<JsonElement?> Run(string[] arguments)
    {
        var (code, output, _) = await RunToEnd(arguments);
        return code == 0 ? JsonDocument.Parse(output).RootElement : null;
    }

    public static async Task<(int Code, string Output, string Errors)> RunToEnd(string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var context = new ClientContext(new Screen(output, errors, terminal: null), TimeProvider.System, Path.GetDirectoryName(Repository.Client)!);
        var code = await CommandLine.Run(arguments, context);
        return (code, output.ToString(), errors.ToString());
    }
}
