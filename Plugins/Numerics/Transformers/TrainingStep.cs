namespace Orchestrator.Numerics.Transformers;

/// <summary>What one optimiser step did.</summary>
public sealed class TrainingStep
{
    private readonly TransformerTrainer _trainer;

    internal TrainingStep(TransformerTrainer trainer, long index, long tokensSeen, double learningRate)
    {
        _trainer = trainer;
        Index = index;
        TokensSeen = tokensSeen;
        LearningRate = learningRate;
    }

    /// <summary>1 after the first step.</summary>
    public long Index { get; }

    /// <summary>Tokens trained on, this step included.</summary>
    public long TokensSeen { get; }

    public double LearningRate { get; }

    /// <summary>
    /// Mean loss of the step's batch in nats, before its update. Reading it waits for the device, so read it only where
    /// it is shown.
    /// </summary>
    /// <exception cref="InvalidOperationException">A later step has been taken.</exception>
    public double Loss => _trainer.ReadLoss(Index);
}
