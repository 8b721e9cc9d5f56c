using System.Text;

namespace Orchestrator.Planning.Specs;

/// <summary>One mistake in a spec, told so that it can be mended without looking anything up.</summary>
/// <param name="File">The spec, as the user named it.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Message">What is wrong, with the key's path: <c>model.heads: does not divide d_model</c>.</param>
/// <param name="Found">What stands there; null where nothing does.</param>
/// <param name="Allowed">What may stand there; null where the message says it all.</param>
/// <param name="Suggestion">The nearest right name; null where none is near.</param>
public sealed record SpecProblem(
    string File,
    int Line,
    int Column,
    string Message,
    string? Found = null,
    string? Allowed = null,
    string? Suggestion = null)
{
    /// <summary>One line, in the form that editors and terminals make clickable: <c>FILE:LINE:COLUMN: …</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{File}:{Line}:{Column}: {Message}");
        if (Found is not null)
        {
            text.Append("; found ").Append(Found);
        }

        if (Allowed is not null)
        {
            text.Append("; allowed: ").Append(Allowed);
        }

        return Suggestion is null ? text.ToString() : text.Append(" (did you mean '").Append(Suggestion).Append("'?)").ToString();
    }
}
