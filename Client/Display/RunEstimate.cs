using Orchestrator.Contracts.Runs;

namespace Orchestrator.Client.Display;

/// <summary>When a run will have ended.</summary>
public static class RunEstimate
{
    /// <summary>At its present throughput; null where that or the number of steps is not known.</summary>
    public static TimeSpan? Remaining(RunProgress progress)
    {
        if (progress is not { Step: > 0, Steps: > 0, Tokens: > 0, TokensPerSecond: > 0 })
        {
            return null;
        }

        var tokensPerStep = (double)progress.Tokens / progress.Step;
        var seconds = Math.Max(progress.Steps - progress.Step, 0) * tokensPerStep / progress.TokensPerSecond;
        return seconds < TimeSpan.FromDays(365).TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
