using System.Globalization;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Features;

namespace Orchestrator.Client.Features;

/// <summary>A page of the catalogue.</summary>
internal static class FeatureListView
{
    private const int TokensShown = 4;

    public static void Write(Screen screen, FeaturePage page, bool json)
    {
        if (json)
        {
            screen.WriteJson(new { Dictionary = page.Dictionary.Value, page.Total, page.Features });
            return;
        }

        screen.Heading($"{page.Dictionary}: {page.Features.Count} of {Numbers.Count(page.Total)} features");
        var table = new TextTable(">feature", ">density", ">max", ">mean", "state", "top tokens", "raises");
        foreach (var feature in page.Features)
        {
            table.Add(
                feature.Feature.ToString(CultureInfo.InvariantCulture),
                Numbers.Any(feature.Density),
                Numbers.Any(feature.MaxActivation),
                Numbers.Any(feature.MeanActivation),
                feature.Dead ? "dead" : feature.UltralowDensity ? "ultralow" : "",
                Tokens(feature.TopTokens),
                Tokens(feature.PositiveLogits.Select(weight => weight.Token)));
        }

        screen.Write(table);
    }

    private static string Tokens(IEnumerable<string> tokens) => string.Join(' ', tokens.Take(TokensShown).Select(VisibleText.Token));
}
