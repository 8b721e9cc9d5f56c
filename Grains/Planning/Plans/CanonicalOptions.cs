using System.Text.Json;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Planning.Plans;

/// <summary>The options of an analysis in the one form that is hashed.</summary>
internal static class CanonicalOptions
{
    /// <summary>Every option of the manifest, sorted by name, defaults filled in, numbers in their shortest form, named expressions sorted too.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Of(AnalysisManifest analysis, IReadOnlyDictionary<string, JsonElement> given)
    {
        var options = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var option in analysis.Options)
        {
            var value = given.TryGetValue(option.Name, out var asked) ? asked : option.Default;
            options.Add(option.Name, option.Type switch
            {
                OptionType.Integer => JsonSerializer.SerializeToElement(value.GetInt64()),
                OptionType.Number => JsonSerializer.SerializeToElement(value.GetDouble()),
                OptionType.Patterns => JsonSerializer.SerializeToElement(new SortedDictionary<string, string?>(
                    value.EnumerateObject().ToDictionary(pattern => pattern.Name, pattern => pattern.Value.GetString()), StringComparer.Ordinal)),
                _ => value.Clone(),
            });
        }

        return options;
    }
}
