using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FeatureReport;

/// <summary>The tables of the report: one row a context, a closest neuron, an interval, a token raised or lowered.</summary>
internal sealed class ReportTables(Survey survey, ITokenVocabulary vocabulary)
{
    private readonly int[] _alive = survey.Moments.FiringAtLeast(1);

    public AnalysisTable Contexts(ContextReservoir contexts)
    {
        var rows = _alive
            .SelectMany(feature => Enumerable.Range(0, ActivationIntervals.Count)
                .SelectMany(interval => contexts.Of(feature, interval)
                    .Select(sample => (Feature: feature, Interval: interval, Sample: sample))))
            .ToList();
        return new AnalysisTable(
        [
            new AnalysisColumn("feature", rows.Select(static row => row.Feature).ToArray()),
            new AnalysisColumn("interval", rows.Select(static row => row.Interval).ToArray()),
            new AnalysisColumn("activation", rows.Select(static row => row.Sample.Activation).ToArray()),
            new AnalysisColumn("document", rows.Select(static row => row.Sample.Document).ToArray()),
            new AnalysisColumn("position", rows.Select(static row => row.Sample.Position).ToArray()),
            new AnalysisColumn("before", rows.Select(row => vocabulary.Text(row.Sample.Before)).ToArray()),
            new AnalysisColumn("token", rows.Select(row => vocabulary.Display(row.Sample.Token)).ToArray()),
            new AnalysisColumn("after", rows.Select(row => vocabulary.Text(row.Sample.After)).ToArray()),
        ]);
    }

    public AnalysisTable ClosestNeurons()
    {
        var closest = _alive.Select(survey.ClosestNeuron).ToArray();
        return new AnalysisTable(
        [
            new AnalysisColumn("feature", _alive),
            new AnalysisColumn("neuron", closest.Select(static match => match.Neuron).ToArray()),
            new AnalysisColumn("correlation", closest.Select(static match => match.Correlation).ToArray()),
        ]);
    }

    public AnalysisTable Histograms()
    {
        var rows = _alive.SelectMany(static feature => Enumerable.Range(0, ActivationIntervals.Count).Select(interval => (Feature: feature, Interval: interval))).ToList();
        return new AnalysisTable(
        [
            new AnalysisColumn("feature", rows.Select(static row => row.Feature).ToArray()),
            new AnalysisColumn("interval", rows.Select(static row => row.Interval).ToArray()),
            new AnalysisColumn("lower", rows.Select(row => ActivationIntervals.LowerEdge(row.Interval, survey.Moments.Maximum(row.Feature))).ToArray()),
            new AnalysisColumn("upper", rows.Select(row => ActivationIntervals.UpperEdge(row.Interval, survey.Moments.Maximum(row.Feature))).ToArray()),
            new AnalysisColumn("firings", rows.Select(row => survey.Firings(row.Feature, row.Interval)).ToArray()),
        ]);
    }

    /// <summary>Rank 1 is raised most; rank −1 is lowered most.</summary>
    public AnalysisTable LogitWeights(int count, CancellationToken cancellationToken)
    {
        var rows = new List<(int Feature, int Rank, int Token, float Weight)>();
        foreach (var feature in _alive)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var weights = survey.Source.LogitWeights(feature);
            rows.AddRange(Samples.LargestIndices(weights, count).Select((token, i) => (feature, i + 1, token, weights[token])));
            var lowered = Array.ConvertAll(weights, static weight => -weight);
            rows.AddRange(Samples.LargestIndices(lowered, count).Select((token, i) => (feature, -i - 1, token, weights[token])));
        }

        return new AnalysisTable(
        [
            new AnalysisColumn("feature", rows.Select(static row => row.Feature).ToArray()),
            new AnalysisColumn("rank", rows.Select(static row => row.Rank).ToArray()),
            new AnalysisColumn("token", rows.Select(row => vocabulary.Display(row.Token)).ToArray()),
            new AnalysisColumn("weight", rows.Select(static row => row.Weight).ToArray()),
        ]);
    }
}
