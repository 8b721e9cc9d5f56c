using System.Globalization;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.FeatureReport;

/// <summary>
/// Every feature's density, activation histogram, contexts from eleven activation intervals, closest neuron and logit
/// weights (paper, "Individual features" and "Global analyses"). Nulls: the same of the neurons, and of the random
/// twin's dictionary beside its own neurons.
/// </summary>
public sealed class FeatureReportAnalysis : IAnalysis
{
    public AnalysisOutcome Run(IAnalysisContext context, CancellationToken cancellationToken)
    {
        var options = FeatureReportOptions.From(context.Options);
        var surveys = Surveys(context, options);
        var contexts = new ContextReservoir(surveys.Features.Source.FeatureCount, options.ContextsPerInterval, options.Window, context.Seed);
        ReadTwice(context, surveys, contexts, options, cancellationToken);

        var metrics = surveys.Features.Metrics("", options.MinTopFirings);
        var nulls = surveys.Neurons.Metrics("_neurons", options.MinTopFirings)
            .Concat(surveys.Twin?.Metrics("_random_twin", options.MinTopFirings) ?? [])
            .ToDictionary();

        var tables = new ReportTables(surveys.Features, context.Vocabulary);
        context.WriteTable("contexts", tables.Contexts(contexts));
        context.WriteTable("closest-neurons", tables.ClosestNeurons());
        context.WriteTable("histograms", tables.Histograms());
        context.WriteTable("logit-weights", tables.LogitWeights(options.TopLogits, cancellationToken));
        context.Progress(1);
        return new AnalysisOutcome(metrics, nulls, Verdict(metrics, nulls));
    }

    private static SurveySet Surveys(IAnalysisContext context, FeatureReportOptions options)
    {
        var dictionary = context.Dictionaries[0];
        var neurons = context.Neurons(dictionary);
        var features = new Survey(context.Features(dictionary), neurons, options);
        var nullDictionary = context.NearestNull(dictionary.FeatureCount);
        if (nullDictionary is null)
        {
            return new SurveySet(features, new Survey(neurons, neurons, options), null, null);
        }

        var twinNeurons = context.Neurons(nullDictionary);
        var twin = new Survey(context.Features(nullDictionary), twinNeurons, options);
        return new SurveySet(features, new Survey(neurons, neurons, options), twin, twinNeurons);
    }

    private static void ReadTwice(
        IAnalysisContext context, SurveySet surveys, ContextReservoir contexts, FeatureReportOptions options, CancellationToken cancellationToken)
    {
        var read = 0L;
        void Advance(TokenBatch batch)
        {
            read += batch.Count;
            context.Progress(Math.Min(0.9, 0.45 * read / options.MaxTokens));
        }

        foreach (var batch in context.Tokens(options.MaxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var neurons = surveys.Neurons.Read(batch);
            var features = surveys.Features.Read(batch);
            var (twin, twinNeurons) = (surveys.Twin?.Read(batch), surveys.TwinNeurons?.Activations(batch));
            // Each counts for itself, so that they may do so at the same time.
            Parallel.Invoke(
                () => surveys.Neurons.Count(neurons, neurons),
                () => surveys.Features.Count(features, neurons),
                () => surveys.Twin?.Count(twin!, twinNeurons!));
            Advance(batch);
        }

        foreach (var batch in context.Tokens(options.MaxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var neurons = surveys.Neurons.ReadAgain(batch);
            var features = surveys.Features.ReadAgain(batch);
            var twin = surveys.Twin?.ReadAgain(batch);
            Parallel.Invoke(
                () => surveys.Neurons.CountAgain(batch, neurons, null),
                () => surveys.Features.CountAgain(batch, features, contexts),
                () => surveys.Twin?.CountAgain(batch, twin!, null));
            Advance(batch);
        }
    }

    private static string Verdict(Dictionary<string, double> metrics, Dictionary<string, double> nulls)
    {
        string Null(string name, string format) =>
            nulls.TryGetValue(name, out var value) ? value.ToString(format, CultureInfo.InvariantCulture) : "not measured";

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{metrics["features_reported"]:N0} features fire; their strongest contexts share one token in {metrics["context_consistency"]:P0} of firings (neurons {Null("context_consistency_neurons", "P0")}, random twin {Null("context_consistency_random_twin", "P0")}); median correlation with the closest neuron {metrics["median_closest_neuron_correlation"]:0.00} (random twin {Null("median_closest_neuron_correlation_random_twin", "0.00")}).");
    }

    private sealed record SurveySet(Survey Features, Survey Neurons, Survey? Twin, IFeatureSource? TwinNeurons);
}
