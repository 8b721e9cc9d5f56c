using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Proxies;

/// <summary>Firings of chosen features by activation interval, in and out of the proxy that each was chosen for.</summary>
internal sealed class IntervalCounts
{
    private readonly FeatureMoments _moments;
    private readonly IReadOnlyList<(int Proxy, int Feature)> _chosen;
    private readonly IntervalRow[] _rows;      // [chosen × intervals]
    private readonly int[]?[] _slots;          // [F]: places in _chosen

    /// <param name="moments">Of the first reading: the maxima.</param>
    /// <param name="chosen">Proxies with the feature that is looked at for each.</param>
    public IntervalCounts(FeatureMoments moments, IReadOnlyList<(int Proxy, int Feature)> chosen)
    {
        (_moments, _chosen) = (moments, chosen);
        _rows = new IntervalRow[chosen.Count * ActivationIntervals.Count];
        _slots = new int[]?[moments.FeatureCount];
        foreach (var slots in Enumerable.Range(0, chosen.Count).GroupBy(slot => chosen[slot].Feature))
        {
            _slots[slots.Key] = [.. slots];
        }
    }

    /// <summary>Adds a batch that the reader has just read.</summary>
    public void Add(SparseActivations activations, ProxyReader reader)
    {
        for (var token = 0; token < activations.TokenCount; token++)
        {
            var features = activations.FeaturesOf(token);
            var values = activations.ValuesOf(token);
            for (var i = 0; i < features.Length; i++)
            {
                foreach (var slot in _slots[features[i]] ?? [])
                {
                    var proxy = _chosen[slot].Proxy;
                    var interval = ActivationIntervals.Of(values[i], _moments.Maximum(features[i]));
                    _rows[slot * ActivationIntervals.Count + interval]
                        .Add(values[i], (reader.Marks[token] >> proxy & 1) != 0, reader.Score(proxy, token));
                }
            }
        }
    }

    /// <summary>The rows of a proxy's chosen feature, interval 0 first; null where none was chosen.</summary>
    public ReadOnlyMemory<IntervalRow>? Of(int proxy)
    {
        for (var slot = 0; slot < _chosen.Count; slot++)
        {
            if (_chosen[slot].Proxy == proxy)
            {
                return _rows.AsMemory(slot * ActivationIntervals.Count, ActivationIntervals.Count);
            }
        }

        return null;
    }
}

/// <summary>One interval of one feature.</summary>
internal struct IntervalRow
{
    private double _scores;

    /// <summary>Firings in the interval.</summary>
    public long Firings { get; private set; }

    /// <summary>Of these, those in the proxy.</summary>
    public long Inside { get; private set; }

    /// <summary>Sum of the activations.</summary>
    public double Activation { get; private set; }

    /// <summary>Sum of the activations in the proxy.</summary>
    public double ActivationInside { get; private set; }

    /// <summary>Mean of the proxy's score over the firings, nats; NaN of none.</summary>
    public readonly double MeanScore => Firings == 0 ? double.NaN : _scores / Firings;

    public void Add(float activation, bool isInside, float score)
    {
        Firings++;
        Activation += activation;
        _scores += score;
        if (isInside)
        {
            Inside++;
            ActivationInside += activation;
        }
    }
}
