using static TorchSharp.torch.backends.cuda;

namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>While it lives, CUDA may round the factors of matrix products to 10 bits of mantissa.</summary>
internal readonly struct TensorFloat32 : IDisposable
{
    private readonly bool _before;

    private TensorFloat32(bool before) => _before = before;

    public static TensorFloat32 Allow()
    {
        var scope = new TensorFloat32(matmul.allow_tf32);
        matmul.allow_tf32 = true;
        return scope;
    }

    public void Dispose() => matmul.allow_tf32 = _before;
}
