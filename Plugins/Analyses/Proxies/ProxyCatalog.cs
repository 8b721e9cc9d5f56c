using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.Proxies;

/// <summary>The proxies of a run: the built-in ones, and the spec's expressions, which take the place of any of their name.</summary>
internal static class ProxyCatalog
{
    private static readonly (string Name, string Expression)[] Expressions =
    [
        ("digits", "[0-9]+"),
        // Longer than words, and with a digit well within, which DNA has not.
        ("base64_runs", "[A-Za-z0-9+/]{12,}[0-9][A-Za-z0-9+/]{12,}"),
        // Lines that end as statements and blocks do.
        ("code", @"(?m)^[^\n]*[;{}][ \t\r]*$"),
        ("xml_tags", @"</?[A-Za-z][A-Za-z0-9:._-]*(\s[^<>]*)?/?>"),
        // Words without a lower-case letter, with two letters at least.
        ("all_caps", @"\b[A-Z][A-Z0-9_]*[A-Z][A-Z0-9_]*\b"),
    ];

    public static IReadOnlyList<Proxy> Of(ProxiesOptions options)
    {
        var builtIn = Enumerable.Range(0, Script.Names.Count).Select(static script => (Proxy)new ScriptProxy(script))
            .Append(StringProxy.Base64(options.StringThreshold))
            .Append(StringProxy.Hex(options.StringThreshold))
            .Append(StringProxy.Dna())
            .Concat(Expressions.Select(static pattern => new PatternProxy(pattern.Name, TextPattern.Create(pattern.Expression))));
        var own = options.Patterns.Select(static pattern => new PatternProxy(pattern.Key, pattern.Value)).ToList();
        return [.. builtIn.Where(proxy => own.All(pattern => pattern.Name != proxy.Name)), .. own];
    }
}
