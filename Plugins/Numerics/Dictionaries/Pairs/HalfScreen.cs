using System.Numerics;
using System.Runtime.Intrinsics;
using Orchestrator.Numerics.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Pairs;

/// <summary>
/// Upper bounds of pre-activations from a product of bfloat16 factors, which processors with bfloat16 instructions compute
/// at least twice as fast as one in float32. What cannot be active by its bound needs no exact value; the few that can
/// get theirs afterwards, so that selection and values are exact: only the time is that of half precision.
/// </summary>
/// <remarks>
/// Rounding a factor to 8 significant bits changes it by at most 2⁻⁹ of itself, so that a product of rows is off by at most
/// 2⁻⁸ ‖x‖ ‖w‖ and a little for sums in float32; the result is rounded once more, by at most 2⁻⁸ of itself (twice what
/// rounding to nearest does).
/// </remarks>
internal sealed unsafe class HalfScreen : IDisposable
{
    /// <summary>Rounding of the result, relative.</summary>
    public const float ResultError = 1f / 256;

    private const int FeaturesPerPiece = 32;
    private const int TokensPerPiece = PairScan<float>.TokensPerSegment;

    private readonly Tensor _weight;             // [F, D]
    private readonly WorkerTeam _team;
    private readonly int _dim;
    private readonly float _factorError;
    private readonly int _batchSize;
    private readonly int _widest;
    private readonly Tensor _norms;              // [F]
    private readonly Tensor _errors;             // [B]
    private readonly float* _weightRows;
    private readonly float* _norm;
    private readonly float* _error;
    private readonly Action<int> _weightPiece;
    private readonly Action<int> _rowPiece;

    private WorkMemory _memory = null!;          // bound for the time of a batch
    private ushort* _halfRowsAddress;
    private ushort* _halfWeightRows;
    private ushort* _productRows;
    private float* _rows;
    private int _batch;
    private FeatureBlock _block;
    private float _largestNorm;

    /// <param name="encoderWeight">[F, D], live.</param>
    /// <param name="batchSize">Tokens of a batch at most.</param>
    /// <param name="widest">Features of the widest block.</param>
    public HalfScreen(Tensor encoderWeight, int batchSize, int widest, WorkerTeam team)
    {
        (_weight, _team, _dim) = (encoderWeight, team, (int)encoderWeight.shape[1]);
        (_batchSize, _widest) = (batchSize, widest);
        _factorError = (1f / 256) + (_dim * 3e-7f);
        _norms = empty(encoderWeight.shape[0], ScalarType.Float32).DetachFromDisposeScope();
        _errors = empty(batchSize, ScalarType.Float32).DetachFromDisposeScope();
        _weightRows = HostPointer.To<float>(encoderWeight);
        _norm = HostPointer.To<float>(_norms);
        _error = HostPointer.To<float>(_errors);
        (_weightPiece, _rowPiece) = (WeightPiece, RowPiece);
    }

    /// <summary>Whether this processor multiplies bfloat16 natively; elsewhere a screen would cost more than it saves.</summary>
    public static bool IsWorthwhile { get; } = HasHalfInstructions();

    /// <summary>Works in that memory from now on.</summary>
    public void Bind(WorkMemory memory)
    {
        _memory = memory;
        _halfRowsAddress = HostPointer.Halves(memory.Area(WorkArea.HalfRows, (long)_batchSize * _dim, ScalarType.BFloat16));
        _halfWeightRows = HostPointer.Halves(memory.Area(WorkArea.HalfWeight, (long)_widest * _dim, ScalarType.BFloat16));
        _productRows = HostPointer.Halves(memory.Area(WorkArea.HalfProduct, (long)_batchSize * _widest, ScalarType.BFloat16));
    }

    /// <summary>Begins a batch.</summary>
    /// <param name="rows">x − b_dec, [B, D], contiguous.</param>
    public void Begin(Tensor rows)
    {
        _rows = HostPointer.To<float>(rows);
        (_batch, _largestNorm) = ((int)rows.shape[0], 0);
        _team.Run(WorkerTeam.Pieces(_batch, TokensPerPiece), _rowPiece);
    }

    /// <summary>Multiplies a block.</summary>
    public void Encode(FeatureBlock block)
    {
        _block = block;
        _team.Run(WorkerTeam.Pieces(block.Count, FeaturesPerPiece), _weightPiece);
        for (var feature = block.First; feature < block.First + block.Count; feature++) _largestNorm = MathF.Max(_largestNorm, _norm[feature]);
        using var scope = NewDisposeScope();
        var product = Matrix(WorkArea.HalfProduct, _batch, block.Count);
        product.addmm_(Matrix(WorkArea.HalfRows, _batch, _dim), Matrix(WorkArea.HalfWeight, block.Count, _dim).t(), beta: 0, alpha: 1);
    }

    /// <summary>Upper bounds of one token's pre-activations in the block at hand.</summary>
    /// <param name="token">The token in the batch.</param>
    /// <param name="bounds">[block].</param>
    public void Bounds(int token, float* bounds)
    {
        var product = _productRows + ((nint)token * _block.Count);
        var norm = _norm + _block.First;
        var error = _error[token];
        var i = 0;
        var errors = Vector512.Create(error);
        var relative = Vector512.Create(ResultError);
        for (; i <= _block.Count - 16; i += 16)
        {
            var z = Vector512.ShiftLeft(Vector512.WidenLower(Vector512.Create(Vector256.Load(product + i), default)), 16).AsSingle();
            var bound = Vector512.FusedMultiplyAdd(Vector512.Abs(z), relative, z);
            Vector512.FusedMultiplyAdd(errors, Vector512.Load(norm + i), bound).Store(bounds + i);
        }

        for (; i < _block.Count; i++)
        {
            var z = BitConverter.UInt32BitsToSingle((uint)product[i] << 16);
            bounds[i] = z + (MathF.Abs(z) * ResultError) + (error * norm[i]);
        }
    }

    /// <summary>By how much a bound of a token may exceed the exact value, but for what is relative to the value.</summary>
    public float Slack(int token) => 2 * _error[token] * _largestNorm;

    public void Dispose()
    {
        _norms.Dispose();
        _errors.Dispose();
    }

    private Tensor Matrix(WorkArea area, int rows, int columns) => _memory.Rows(area, rows, columns, ScalarType.BFloat16);

    private static bool HasHalfInstructions()
    {
        if (!Vector512.IsHardwareAccelerated || !File.Exists("/proc/cpuinfo")) return false;
        var flags = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal));
        return flags is not null && flags.Split(' ').Any(flag => flag is "avx512_bf16" or "amx_bf16");
    }

    private void WeightPiece(int piece)
    {
        for (var i = piece * FeaturesPerPiece; i < Math.Min(_block.Count, (piece + 1) * FeaturesPerPiece); i++)
        {
            var feature = _block.First + i;
            _norm[feature] = MathF.Sqrt(Halve(_weightRows + ((nint)feature * _dim), _halfWeightRows + ((nint)i * _dim), _dim));
        }
    }

    private void RowPiece(int piece)
    {
        for (var token = piece * TokensPerPiece; token < Math.Min(_batch, (piece + 1) * TokensPerPiece); token++)
        {
            var at = (nint)token * _dim;
            _error[token] = _factorError * MathF.Sqrt(Halve(_rows + at, _halfRowsAddress + at, _dim));
        }
    }

    /// <summary>Rounds a row to nearest, ties to even.</summary>
    /// <returns>Σ row².</returns>
    private static float Halve(float* row, ushort* half, int length)
    {
        var total = Vector512<float>.Zero;
        var i = 0;
        for (; i <= length - 32; i += 32)
        {
            var low = Vector512.Load(row + i);
            var high = Vector512.Load(row + i + 16);
            total = Vector512.FusedMultiplyAdd(low, low, total);
            total = Vector512.FusedMultiplyAdd(high, high, total);
            Vector512.Narrow(Rounded(low.AsUInt32()), Rounded(high.AsUInt32())).Store(half + i);
        }

        var sum = Vector512.Sum(total);
        for (; i < length; i++)
        {
            sum += row[i] * row[i];
            var bits = BitConverter.SingleToUInt32Bits(row[i]);
            half[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }

        return sum;
    }

    private static Vector512<uint> Rounded(Vector512<uint> bits) =>
        (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
}
