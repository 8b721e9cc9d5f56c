using System.Diagnostics;
using System.Text.RegularExpressions;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.Proxies;

/// <summary>
/// What a regular expression finds in what the model sees of a document: every token that holds a part of a match. It looks
/// ahead of the token, up to the end of the context; a match does not go on into the next one.
/// </summary>
internal sealed class PatternProxy(string name, Regex expression) : HeuristicProxy(name, "pattern")
{
    /// <exception cref="InvalidOperationException">The expression takes too long.</exception>
    protected override void Decide(ContextText text, Span<bool> members)
    {
        // One search has a limit of its own; a text has many.
        var start = Stopwatch.GetTimestamp();
        try
        {
            foreach (var match in expression.EnumerateMatches(text.Characters))
            {
                if (Stopwatch.GetElapsedTime(start) > TextPattern.Timeout)
                {
                    throw TookTooLong(text);
                }

                if (match.Length > 0)
                {
                    members[text.TokensOf(match.Index).First..(text.TokensOf(match.Index + match.Length - 1).Last + 1)].Fill(true);
                }
            }
        }
        catch (RegexMatchTimeoutException)
        {
            throw TookTooLong(text);
        }
    }

    private InvalidOperationException TookTooLong(ContextText text) => new(
        $"The expression {Name} takes more than {TextPattern.Timeout.TotalSeconds:0.#} s for a text of {text.Characters.Length:N0} characters.");
}
