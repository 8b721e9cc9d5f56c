namespace Orchestrator.Text.Corpus;

/// <summary>A corpus cannot be read as its definition says; the message is written for the person who wrote that.</summary>
public sealed class CorpusException : Exception
{
    public CorpusException(string message, Exception? inner = null) : base(message, inner) => Problems = [message];

    /// <summary>Several mistakes at once, one a line.</summary>
    public CorpusException(IReadOnlyList<string> problems) : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>Each mistake: what was looked for and where, what was found, what is allowed.</summary>
    public IReadOnlyList<string> Problems { get; }
}
