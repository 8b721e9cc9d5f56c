namespace Orchestrator.Analyses.FeatureReport;

/// <summary>A token on which a feature fired, with its neighbours.</summary>
/// <param name="Priority">Decides which firings stay in the sample.</param>
/// <param name="Activation">How strongly it fired.</param>
/// <param name="Document">Index of the document within the split.</param>
/// <param name="Position">Offset of the token in the split.</param>
/// <param name="Token">The token.</param>
/// <param name="Before">Tokens before it, of the same context and document.</param>
/// <param name="After">Tokens after it, of the same context and document.</param>
internal sealed record ContextSample(
    ulong Priority, float Activation, int Document, long Position, int Token, int[] Before, int[] After);
