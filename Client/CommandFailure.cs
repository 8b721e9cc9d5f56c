namespace Orchestrator.Client;

/// <summary>A command cannot go on; the message is all that the user needs to see.</summary>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
public sealed class CommandFailure(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>The user asked for something that cannot be.</summary>
    public static CommandFailure Usage(string message) => new(ExitCodes.BadUsage, message);
}
