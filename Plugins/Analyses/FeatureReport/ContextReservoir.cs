using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FeatureReport;

/// <summary>
/// A uniform sample of firings from each interval of each feature: those with the smallest of one random number each,
/// which does not depend on the order of reading. Memory: F × 11 × sample × window.
/// </summary>
internal sealed class ContextReservoir(int featureCount, int sampleSize, int window, ulong seed)
{
    private readonly List<ContextSample>?[] _samples = new List<ContextSample>?[featureCount * ActivationIntervals.Count];

    /// <summary>Offers the firing of a feature on token <paramref name="row"/> of a batch.</summary>
    public void Offer(int feature, int interval, float activation, TokenBatch batch, int row)
    {
        var position = batch.FirstToken + row;
        var priority = TokenShuffle.Priority(seed, feature, position);
        var samples = _samples[feature * ActivationIntervals.Count + interval] ??= new List<ContextSample>(1);
        if (samples.Count < sampleSize)
        {
            samples.Add(Take(priority, activation, batch, row));
            return;
        }

        var last = 0;
        for (var i = 1; i < samples.Count; i++)
        {
            last = samples[i].Priority > samples[last].Priority ? i : last;
        }

        if (priority < samples[last].Priority)
        {
            samples[last] = Take(priority, activation, batch, row);
        }
    }

    /// <summary>The sample of an interval, strongest first.</summary>
    public IEnumerable<ContextSample> Of(int feature, int interval) =>
        (_samples[feature * ActivationIntervals.Count + interval] ?? [])
            .OrderByDescending(static sample => sample.Activation)
            .ThenBy(static sample => sample.Position);

    private ContextSample Take(ulong priority, float activation, TokenBatch batch, int row)
    {
        var start = row - row % batch.Length;
        var end = start + batch.Length;
        var first = row;
        while (first > Math.Max(start, row - window) && batch.Documents[first - 1] == batch.Documents[row])
        {
            first--;
        }

        var last = row;
        while (last + 1 < Math.Min(end, row + window + 1) && batch.Documents[last + 1] == batch.Documents[row])
        {
            last++;
        }

        return new ContextSample(
            priority,
            activation,
            batch.Documents[row],
            batch.FirstToken + row,
            batch.Tokens[row],
            batch.Tokens[first..row],
            batch.Tokens[(row + 1)..(last + 1)]);
    }
}
