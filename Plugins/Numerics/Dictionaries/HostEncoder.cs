using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Architectures;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Pairs;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>Encodes on the CPU, as training does: block of features by block of features, keeping active pairs alone.</summary>
internal sealed unsafe class HostEncoder : IDisposable
{
    private const int RowsAtOnce = 1024;

    private readonly SparseDictionary _dictionary;
    private readonly PairScan<float> _scan;
    private readonly PairSegment<float>[] _segments;
    private readonly HostBinding<float> _binding;
    private PairChannel<float>? _channel;
    private double _threshold;       // of the channel

    public HostEncoder(SparseDictionary dictionary)
    {
        _dictionary = dictionary;
        _scan = new PairScan<float>(dictionary.EncoderWeight, RowsAtOnce, MatrixPrecision.Float32, WorkerTeam.Shared);
        _segments = PairScan<float>.Segments(RowsAtOnce, hasExtras: false);
        _binding = new HostBinding<float>
        {
            Dictionary = dictionary,
            BatchSize = RowsAtOnce,
            TokensPerSegment = PairScan<float>.TokensPerSegment,
            LastFired = null,
        };
    }

    /// <param name="x">[B, D], any B.</param>
    public SparseActivations Encode(Tensor x)
    {
        var builder = new SparseActivationsBuilder((int)x.shape[0], _dictionary.FeatureCount);
        if (_channel is null || _threshold != _dictionary.Threshold)
            (_channel, _threshold) = (new PairChannel<float>(_dictionary.Architecture.Selector(_binding), _segments), _dictionary.Threshold);
        var memory = WorkMemory.Rent();
        try
        {
            _scan.Bind(memory);
            for (long start = 0; start < x.shape[0]; start += RowsAtOnce)
            {
                using var scope = NewDisposeScope();
                var rows = x.narrow(0, start, Math.Min(RowsAtOnce, x.shape[0] - start));
                var centred = _dictionary.HasPreBias ? rows - _dictionary.DecoderBias : rows.contiguous();
                _scan.All(centred, static _ => long.MaxValue, _channel);
                builder.Add(_segments, (int)rows.shape[0]);
            }
        }
        finally
        {
            memory.Return();
        }

        return builder.ToActivations();
    }

    public void Dispose() => _scan.Dispose();
}
