using Orchestrator.Grains.Scheduling.Records;

namespace Orchestrator.Grains.Scheduling.Journal;

/// <summary>One row of a journal: a page of a whole pool, or changes that followed each other.</summary>
[GenerateSerializer, Alias("pool-journal-part")]
public sealed class JournalPart
{
    /// <summary>Of which generation it is. A row is written again two generations later: what is older is not there.</summary>
    [Id(0)]
    public long Generation { get; set; }

    [Id(1)]
    public List<PoolChanges> Changes { get; set; } = [];
}
