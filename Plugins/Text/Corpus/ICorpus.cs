namespace Orchestrator.Text.Corpus;

/// <summary>Documents in a fixed order.</summary>
public interface ICorpus
{
    /// <summary>Reads the documents anew, each as it is asked for, in the same order and with the same split every time.</summary>
    /// <exception cref="CorpusException">A source cannot be read or does not hold what its kind promises.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between documents.</exception>
    IEnumerable<Document> Read(CancellationToken cancellation);
}
