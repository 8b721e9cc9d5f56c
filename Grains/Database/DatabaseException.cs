namespace Orchestrator.Database;

/// <summary>The cluster's database cannot be used as it is; the message is for people, and says what would help.</summary>
/// <param name="message">One or two sentences.</param>
/// <param name="isPassing">Whether trying again later may help, with nothing changed by anybody.</param>
/// <param name="inner">What the driver said.</param>
public sealed class DatabaseException(string message, bool isPassing = false, Exception? inner = null) : Exception(message, inner)
{
    public bool IsPassing => isPassing;
}
