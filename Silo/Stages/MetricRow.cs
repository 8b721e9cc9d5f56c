namespace Orchestrator.Silo.Stages;

/// <summary>What was measured at a step of a training: a line of <c>metrics.jsonl</c>.</summary>
/// <param name="Step">Steps done; 1 after the first.</param>
/// <param name="Tokens">Tokens, or activation vectors, seen by then.</param>
/// <param name="Loss">Of a model: of the step's batch, nats. Of a dictionary: the mean since the line before.</param>
/// <param name="L0">Of a dictionary, the same mean; null for models.</param>
/// <param name="MeanSquaredError">Of a dictionary, the same mean; null for models.</param>
internal sealed record MetricRow(long Step, long Tokens, double Loss, double? L0 = null, double? MeanSquaredError = null);
