using System.Runtime.ExceptionServices;

namespace Orchestrator.Numerics.Dictionaries.Kernels;

/// <summary>
/// Runs numbered pieces of work on threads of its own: the caller's and some helpers. Pieces depend on the problem alone,
/// never on the number of threads, and each writes only what it owns: so the result has the same bits on any machine
/// size. A run allocates nothing, and does not compete with the pool that answers the cluster's messages.
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    /// <summary>Turns of waiting actively for the end of a run (some ten microseconds) before sleeping.</summary>
    private const int Spins = 200;

    private readonly SemaphoreSlim _work = new(0);
    private readonly ManualResetEventSlim _done = new(false, Spins);
    private readonly Lock _turn = new();
    private readonly Thread[] _helpers;

    private Action<int>? _body;
    private int _pieces;
    private int _next;
    private int _busy;
    private ExceptionDispatchInfo? _failure;
    private volatile bool _stopping;

    /// <param name="threads">Threads in all, the caller's included; 0: one for each processor.</param>
    public WorkerTeam(int threads)
    {
        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        _helpers = new Thread[Threads - 1];
        for (var i = 0; i < _helpers.Length; i++)
        {
            _helpers[i] = new Thread(Help) { IsBackground = true, Name = $"numerics {i + 1}" };
            _helpers[i].Start();
        }
    }

    /// <summary>One for each processor, for everybody in the process who does not bring a team.</summary>
    public static WorkerTeam Shared { get; } = new(0);

    public int Threads { get; }

    /// <summary>Number of pieces of <paramref name="size"/> that cover <paramref name="count"/>.</summary>
    public static int Pieces(int count, int size) => (count + size - 1) / size;

    /// <summary>Calls <paramref name="body"/> for each piece, 0 ≤ piece &lt; <paramref name="pieces"/>, and returns when all are done.</summary>
    /// <remarks>What a piece throws is thrown here, once the others are done. Not to be called from within a piece.</remarks>
    public void Run(int pieces, Action<int> body)
    {
        if (_helpers.Length == 0 || pieces == 1)
        {
            for (var piece = 0; piece < pieces; piece++) body(piece);
            return;
        }

        lock (_turn)
        {
            var helpers = Math.Min(_helpers.Length, pieces - 1);
            (_body, _pieces, _next, _busy, _failure) = (body, pieces, 0, helpers, null);
            _done.Reset();
            if (helpers > 0) _work.Release(helpers);
            TakePieces();
            if (helpers > 0) _done.Wait();
            _body = null;
            _failure?.Throw();
        }
    }

    public void Dispose()
    {
        _stopping = true;
        if (_helpers.Length > 0) _work.Release(_helpers.Length);
        foreach (var helper in _helpers) helper.Join();
        _work.Dispose();
        _done.Dispose();
    }

    private void Help()
    {
        while (true)
        {
            _work.Wait();
            if (_stopping) return;
            TakePieces();
            if (Interlocked.Decrement(ref _busy) == 0) _done.Set();
        }
    }

    private void TakePieces()
    {
        var body = _body!;
        while (true)
        {
            var piece = Interlocked.Increment(ref _next) - 1;
            if (piece >= _pieces) return;
            try
            {
                body(piece);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            }
        }
    }
}
