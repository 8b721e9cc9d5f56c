using Orchestrator.Contracts.Runs;

namespace Orchestrator.Silo.Stages;

/// <summary>Makes <see cref="RunProgress"/> messages.</summary>
internal static class StageProgress
{
    /// <summary>Something without countable steps.</summary>
    public static RunProgress Doing(string activity) => new(0, 0, 0, 0, null, null, activity);

    public static RunProgress Steps(long step, long steps, string activity) => new(step, steps, 0, 0, null, null, activity);

    /// <summary>Tokens so far, of an unknown number.</summary>
    public static RunProgress Tokens(long tokens, string activity) => new(0, 0, tokens, 0, null, null, activity);

    /// <summary>A share of something, 0 to 1.</summary>
    public static RunProgress Share(double fraction, string activity) =>
        new((long)(fraction * 1000), 1000, 0, 0, null, null, activity);
}

/// <summary>Reports on the caller's thread, at once and in order (<see cref="Progress{T}"/> posts to the pool).</summary>
internal sealed class DirectProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
