namespace Orchestrator.Abstractions.Results;

/// <summary><c>result.json</c> of a model. Losses are mean next-token negative log-likelihoods in nats.</summary>
public sealed record ModelResult
{
    /// <summary>Of its initialisation and its order of contexts; a random twin has its original's.</summary>
    public required ulong Seed { get; init; }

    public required bool RandomWeights { get; init; }

    public required long Parameters { get; init; }

    public required long TokensTrained { get; init; }

    /// <summary>On the first validation tokens that the definition states.</summary>
    public required double ValidationLoss { get; init; }

    /// <summary>An interpolated, smoothed bigram fitted on the tokens that the model was trained on; same validation tokens.</summary>
    public required double BigramLoss { get; init; }

    /// <summary>Wall-clock training throughput, tokens per second (0 for a random twin).</summary>
    public double TokensPerSecond { get; init; }
}
