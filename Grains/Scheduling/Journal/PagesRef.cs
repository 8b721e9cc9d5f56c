namespace Orchestrator.Grains.Scheduling.Journal;

/// <summary>The pages of a whole pool.</summary>
/// <param name="Generation">Which whole; grows.</param>
/// <param name="Writer">Who wrote them.</param>
/// <param name="Count">How many there are.</param>
[GenerateSerializer, Immutable, Alias("pool-pages")]
public sealed record PagesRef([property: Id(0)] long Generation, [property: Id(1)] string Writer, [property: Id(2)] int Count)
{
    /// <summary>The row of a page. Two generations of one writer have different rows; the third uses those of the first again.</summary>
    public string Name(int page) => $"scheduler-page-{Writer}-{Generation % 2}-{page}";
}
