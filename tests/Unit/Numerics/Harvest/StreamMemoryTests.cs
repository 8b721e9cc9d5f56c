using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Transformers;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Harvest;

/// <summary>Measures what the kernel says that this process holds, so nothing else may run meanwhile.</summary>
[CollectionDefinition("measures the process", DisableParallelization = true)]
[Collection("measures the process")]
public sealed class StreamMemoryTests
{
    private const int ContextLength = 64;
    private const int BatchContexts = 32;
    private const long Megabyte = 1 << 20;

    // What else a process takes meanwhile, and what it had given back before. A second buffer would be 4 times as much.
    private const long Noise = 64 * Megabyte;

    private static readonly TransformerDefinition Model = new() { ModelDim = 8, MlpDim = 1_016, Heads = 2, ContextLength = ContextLength };

    [Theory]
    [InlineData("blocks.0.mlp.hook_post", null, 1_016)]
    [InlineData("blocks.0.ln2.hook_normalized", "blocks.0.mlp.hook_post", 1_024)]
    public void Next_KeepsToTheStatedBytes(string input, string? target, int width)
    {
        const int Vectors = 65_536;
        const int BatchVectors = 1_024;
        using var model = new Transformer(Model, 50, CPU, 1);
        var definition = new HarvestDefinition
        {
            HookPoint = HookPoint.Parse(input),
            TargetHookPoint = target is null ? null : HookPoint.Parse(target),
            BufferVectors = Vectors,
            BatchContexts = BatchContexts,
            Seed = 1,
        };
        var tokens = TokenArray.Markov(3 * Vectors, 50, 1);
        var before = ResetPeak();

        using var stream = new ActivationStream(model, definition, tokens);
        for (var served = 0; served < Vectors + (4 * BatchVectors); served += BatchVectors)
            stream.Next(BatchVectors).Dispose();
        var taken = ProcessMemory.Peak() - before;

        Assert.Equal((long)Vectors * width * 4, stream.BufferBytes);
        Assert.InRange(taken, stream.BufferBytes - Noise, stream.BufferBytes + Noise);
    }

    [Fact]
    public void HookActivations_HoldOneLayerAtATime()
    {
        using var model = new Transformer(Model with { Layers = 32 }, 50, CPU, 1);
        using var tokens = zeros(BatchContexts, ContextLength, ScalarType.Int64);
        var before = ResetPeak();

        model.HookActivations(tokens, new HookPoint(31, HookPointKind.MlpPost)).Dispose();

        // Each layer's hidden activations take 8 MB.
        Assert.InRange(ProcessMemory.Peak() - before, long.MinValue, Noise);
    }

    /// <summary>From here on the kernel counts the peak anew.</summary>
    private static long ResetPeak()
    {
        try
        {
            return ProcessMemory.ResetPeak();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Assert.Skip("This system does not measure a peak of memory.");
            throw;
        }
    }
}
