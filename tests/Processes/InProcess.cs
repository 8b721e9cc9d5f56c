using Orchestrator.Client;
using Orchestrator.Client.Display;

namespace Orchestrator.Processes;

/// <summary>Commands in this process: many processes would wait for each other's start.</summary>
internal static class InProcess
{
    /// <summary>Its exit code, and what it wrote.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunToEnd(string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var context = new ClientContext(new Screen(output, errors, terminal: null), TimeProvider.System, Path.GetDirectoryName(Repository.Client)!);
        var code = await CommandLine.Run(arguments, context);
        return (code, output.ToString(), errors.ToString());
    }
}
