using System.Globalization;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Features;
using Spectre.Console;

namespace Orchestrator.Client.Features;

/// <summary>One feature as a person wants to read it.</summary>
internal static class FeatureDetailView
{
    private const int ContextSide = 40;

    public static void Write(Screen screen, FeatureView feature, bool json)
    {
        if (json)
        {
            screen.WriteJson(new { Id = feature.Id.ToString(), feature.Detail.Statistics, feature.Detail.Contexts, feature.Detail.ClosestNeuron, feature.Detail.ClosestNeuronCorrelation, feature.Notes });
            return;
        }

        screen.Heading(feature.Id.ToString());
        WriteStatistics(screen, feature.Detail);
        WriteContexts(screen, feature.Detail.Contexts);
        WriteNotes(screen, feature.Notes);
    }

    private static void WriteStatistics(Screen screen, FeatureDetail detail)
    {
        var s = detail.Statistics;
        screen.Line($"density          {Numbers.Any(s.Density)}{(s.Dead ? " (dead)" : s.UltralowDensity ? " (ultralow)" : "")}");
        screen.Line($"activation       max {Numbers.Any(s.MaxActivation)}, mean {Numbers.Any(s.MeanActivation)}");
        screen.Line($"encoder          bias {Numbers.Any(s.EncoderBias)}, cosine with decoder {Numbers.Fraction(s.EncoderDecoderCosine)}");
        if (detail is { ClosestNeuron: { } neuron, ClosestNeuronCorrelation: { } correlation })
        {
            screen.Line(string.Create(CultureInfo.InvariantCulture, $"closest neuron   {neuron} (r {correlation:0.000})"));
        }

        screen.Line($"top tokens       {string.Join(' ', s.TopTokens.Select(VisibleText.Token))}");
        screen.Line($"raises           {Weights(s.PositiveLogits)}");
        screen.Line($"lowers           {Weights(s.NegativeLogits)}");
    }

    private static string Weights(IEnumerable<TokenWeight> weights) =>
        string.Join("  ", weights.Select(weight => string.Create(CultureInfo.InvariantCulture, $"{VisibleText.Token(weight.Token)} {weight.Weight:+0.00;-0.00}")));

    private static void WriteContexts(Screen screen, IReadOnlyList<FeatureContext> contexts)
    {
        if (contexts.Count == 0)
        {
            screen.Line("contexts         none: no feature-report of this dictionary holds this feature");
            return;
        }

        foreach (var interval in contexts.GroupBy(context => context.Interval))
        {
            screen.Heading(string.Create(CultureInfo.InvariantCulture, $"Interval {interval.Key}{(interval.Key == 0 ? " (strongest)" : "")}"));
            foreach (var context in interval)
            {
                WriteContext(screen, context);
            }
        }
    }

    private static void WriteContext(Screen screen, FeatureContext context)
    {
        var activation = context.Activation.ToString("0.00", CultureInfo.InvariantCulture).PadLeft(7);
        var before = Last(VisibleText.Line(context.Before));
        var token = VisibleText.Token(context.Token);
        var after = First(VisibleText.Line(context.After));
        if (screen.Terminal is null)
        {
            screen.Line($"{activation}  {before}»{token}«{after}");
            return;
        }

        // Styled pieces, not markup: brackets of the corpus stay brackets.
        screen.Draw(new Paragraph()
            .Append(activation + "  ", new Style(Color.Grey))
            .Append(before)
            .Append(token, new Style(Color.Black, Color.Yellow))
            .Append(after + Environment.NewLine));
    }

    private static void WriteNotes(Screen screen, IReadOnlyList<FeatureNote> notes)
    {
        if (notes.Count == 0)
        {
            return;
        }

        screen.Heading("Notes");
        foreach (var note in notes)
        {
            screen.Line($"{note.At.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)} {VisibleText.Line(note.Author)}: {VisibleText.Line(note.Text)}");
        }
    }

    private static string Last(string text) => text.Length <= ContextSide ? text.PadLeft(ContextSide) : string.Concat("…", text.AsSpan(text.Length - ContextSide + 1));

    private static string First(string text) => text.Length <= ContextSide ? text : string.Concat(text.AsSpan(0, ContextSide - 1), "…");
}
