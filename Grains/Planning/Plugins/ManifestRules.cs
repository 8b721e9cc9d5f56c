using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Planning.Specs.Schema;

namespace Orchestrator.Planning.Plugins;

/// <summary>What a manifest's types do not say.</summary>
internal static partial class ManifestRules
{
    /// <summary>Whether a list in it holds null, which the reader of JSON lets through.</summary>
    public static bool HasHoles(PluginManifest manifest) => manifest.Analyses.Any(analysis =>
        analysis is null
        || analysis.Options.Any(option => option is null || option.Allowed?.Any(value => value is null) == true)
        || analysis.Metrics.Any(metric => metric is null));

    /// <summary>The first mistake; null where there is none.</summary>
    public static string? Check(PluginManifest manifest)
    {
        if (!PluginId().IsMatch(manifest.Id))
        {
            return $"id '{manifest.Id}' is not of a-z, 0-9, '.' and '-'";
        }

        if (!System.Version.TryParse(manifest.Version, out _))
        {
            return $"version '{manifest.Version}' is not major.minor.patch";
        }

        if (manifest.Analyses.Count == 0)
        {
            return "it offers no analysis";
        }

        return Repeated(manifest.Analyses.Select(analysis => analysis.Kind)) is { } kind
            ? $"the kind {kind} stands twice"
            : manifest.Analyses.Select(Check).FirstOrDefault(reason => reason is not null);
    }

    private static string? Check(AnalysisManifest analysis)
    {
        if (!KebabCase().IsMatch(analysis.Kind))
        {
            return $"kind '{analysis.Kind}' is not kebab-case";
        }

        var names = analysis.Options.Select(option => option.Name).ToList();
        var reason = names.FirstOrDefault(name => name == "kind" || !SnakeCase().IsMatch(name)) is { } odd ? $"option '{odd}' is not snake_case, or is 'kind'"
            : Repeated(names) is { } option ? $"option {option} stands twice"
            : analysis.Metrics.FirstOrDefault(metric => !SnakeCase().IsMatch(metric.Name)) is { } metric ? $"metric '{metric.Name}' is not snake_case"
            : Repeated(analysis.Metrics.Select(metric => metric.Name)) is { } twice ? $"metric {twice} stands twice"
            : analysis.Options.Select(Check).FirstOrDefault(mistake => mistake is not null);
        return reason is null ? null : $"{analysis.Kind}: {reason}";
    }

    private static string? Check(OptionManifest option) => option.Type switch
    {
        OptionType.Integer when option.Default.ValueKind == JsonValueKind.Number && option.Default.TryGetInt64(out var value) => CheckRange(option, value),
        OptionType.Number when option.Default.ValueKind == JsonValueKind.Number && option.Default.TryGetDouble(out var value) => CheckRange(option, value),
        OptionType.Boolean when option.Default.ValueKind is JsonValueKind.True or JsonValueKind.False => null,
        OptionType.Text when option.Default.ValueKind == JsonValueKind.String =>
            option.Allowed?.Contains(option.Default.GetString()!) != false ? null : $"the default of {option.Name} is not one of its allowed values",
        OptionType.Patterns when option.Default.ValueKind == JsonValueKind.Object => CheckPatterns(option),
        _ => $"the default of {option.Name} is no {option.Type.ToString().ToLowerInvariant()}",
    };

    private static string? CheckRange(OptionManifest option, double value) =>
        option.Minimum > option.Maximum ? $"the minimum of {option.Name} is above its maximum"
        : value < option.Minimum || value > option.Maximum ? $"the default of {option.Name} is outside its range"
        : null;

    private static string? CheckPatterns(OptionManifest option) => option.Default.EnumerateObject()
        .Where(pattern => !PatternsKey.IsName(pattern.Name) || pattern.Value.ValueKind != JsonValueKind.String || PatternsKey.Refusal(pattern.Value.GetString()!) is not null)
        .Select(pattern => $"the default of {option.Name} has no right expression {pattern.Name}")
        .FirstOrDefault();

    private static string? Repeated(IEnumerable<string> names) =>
        names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9.-]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PluginId();

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KebabCase();

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(_[a-z0-9]+)*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex SnakeCase();
}
