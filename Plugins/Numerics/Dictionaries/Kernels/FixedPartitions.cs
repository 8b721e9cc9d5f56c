namespace Orchestrator.Numerics.Dictionaries.Kernels;

/// <summary>
/// Runs numbered pieces of work on some threads. The pieces depend on the problem alone, never on the number of
/// threads, and each writes only what it owns: so the result has the same bits on any machine size.
/// </summary>
/// <param name="threads">Threads at most; 0: one for each processor.</param>
internal sealed class FixedPartitions(int threads)
{
    private readonly ParallelOptions _options = new()
    {
        MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads,
    };

    public void Run(int pieces, Action<int> body)
    {
        if (_options.MaxDegreeOfParallelism == 1 || pieces == 1)
        {
            for (var piece = 0; piece < pieces; piece++) body(piece);
        }
        else
        {
            Parallel.For(0, pieces, _options, body);
        }
    }

    /// <summary>Number of pieces of <paramref name="size"/> that cover <paramref name="count"/>.</summary>
    public static int Pieces(int count, int size) => (count + size - 1) / size;
}
