using System.Globalization;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Estimates;
using Xunit;

namespace Orchestrator.Unit.Planning.Estimates;

public sealed class MemoryNeedTests
{
    /// <summary>The factors must fit what was measured, whenever that is measured again.</summary>
    [Fact]
    public void OfDictionary_IsWhatWasMeasured()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "tests", "Bench", "results", "memory.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 6 && int.TryParse(cells[1], CultureInfo.InvariantCulture, out _))
            .Select(cells => (Features: int.Parse(cells[1], CultureInfo.InvariantCulture), Peak: double.Parse(cells[3], CultureInfo.InvariantCulture) * 1e6))
            .ToList();

        Assert.Equal(3, rows.Count);
        Assert.All(rows, row => Assert.InRange(
            MemoryNeed.OfDictionary(new DictionaryDefinition { FeatureCount = row.Features, Tokens = 1, Seed = 1, BatchSize = 2_048 }, 512, 512) / row.Peak, 0.9, 1.3));
    }

    [Fact]
    public void OfStream_CountsTheBufferExactly() => Assert.Equal(
        (1_000 + (65_536L * 512)) * 4,
        MemoryNeed.OfStream(new HarvestDefinition { Seed = 1 }, 512, 512, 1_000));

    [Fact]
    public void OfStream_CountsTargetsToo() => Assert.Equal(
        (1_000 + (65_536L * (128 + 512))) * 4,
        MemoryNeed.OfStream(new HarvestDefinition { Seed = 1, TargetHookPoint = new(0, HookPointKind.MlpOut) }, 128, 512, 1_000));
}
