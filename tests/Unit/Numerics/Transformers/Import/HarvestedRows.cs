using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Unit.Numerics.Harvest;
using Xunit;

namespace Orchestrator.Unit.Numerics.Transformers.Import;

/// <summary>Activations as training gets them: from a stream, which shuffles them.</summary>
internal static class HarvestedRows
{
    /// <summary>Every vector of these contexts at a hook point.</summary>
    public static float[][] Of(Transformer model, HookPoint hookPoint, int[][] contexts)
    {
        var tokens = contexts.SelectMany(context => context).ToArray();
        var definition = new HarvestDefinition { HookPoint = hookPoint, BufferVectors = tokens.Length, BatchContexts = 2, Seed = 1 };
        using var stream = new ActivationStream(model, definition, new TokenArray(tokens));
        Assert.Equal(tokens.Length, stream.UniqueVectors);
        using var batch = stream.Next(tokens.Length);
        return [.. HostMemory.ToSingles(batch.Inputs).Chunk(stream.InputDim)];
    }

    /// <summary>Each expected row is among those served, once, to a tolerance in units of the larger of 1 and the value.</summary>
    public static void AssertHold(float[][] served, IEnumerable<float[]> expected, double tolerance, string name)
    {
        var left = served.ToList();
        foreach (var row in expected)
        {
            var nearest = left.MinBy(candidate => Distance(candidate, row))!;
            Assert.True(Distance(nearest, row) <= tolerance, $"{name}: a row is off by {Distance(nearest, row)}");
            left.Remove(nearest);
        }
    }

    public static double Distance(float[] found, float[] expected)
    {
        Assert.Equal(expected.Length, found.Length);
        return found.Zip(expected, (a, b) => Math.Abs((double)a - b) / Math.Max(1, Math.Abs(b))).Max();
    }
}
