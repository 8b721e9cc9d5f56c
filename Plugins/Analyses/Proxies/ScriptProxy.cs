namespace Orchestrator.Analyses.Proxies;

/// <summary>Text of one script: every character of the token lies in its Unicode ranges, but for a space that begins it.</summary>
/// <param name="script">Of <see cref="Script.Names"/>.</param>
internal sealed class ScriptProxy(int script) : HeuristicProxy(Script.Names[script], "script")
{
    protected override void Decide(ContextText text, Span<bool> members)
    {
        for (var token = 0; token < members.Length; token++)
        {
            members[token] = text.ScriptOf(token) == script;
        }
    }
}
