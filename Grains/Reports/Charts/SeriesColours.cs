namespace Orchestrator.Grains.Reports.Charts;

/// <summary>How many colours the style sheet defines, as classes <c>s0</c>, <c>s1</c> …</summary>
internal static class SeriesColours
{
    public const int Count = 6;
}
