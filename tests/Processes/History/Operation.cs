namespace Orchestrator.Processes.History;

/// <summary>What a client did, from when to when on one clock, and what came of it.</summary>
/// <param name="Client">Which client; each does one thing after the other.</param>
/// <param name="Kind">What.</param>
/// <param name="Experiment">Of which; null: of all.</param>
/// <param name="Began">Before it was sent.</param>
/// <param name="Ended">After its answer, or its failure, was there.</param>
/// <param name="Outcome">What is known of it.</param>
internal sealed record Operation(int Client, OperationKind Kind, string? Experiment, TimeSpan Began, TimeSpan Ended, OperationOutcome Outcome)
{
    /// <summary>What a reading showed of experiments, by id.</summary>
    public IReadOnlyDictionary<string, SeenExperiment> Seen { get; init; } = new Dictionary<string, SeenExperiment>();

    /// <summary>What a reading of the pool showed.</summary>
    public IReadOnlyList<SeenLease> Leases { get; init; } = [];

    /// <summary>It was over before the other one was sent.</summary>
    public bool IsBefore(Operation other) => Ended < other.Began;

    public override string ToString() => FormattableString.Invariant(
        $"client {Client}: {Kind} {Experiment} {Outcome} [{Began.TotalSeconds:0.000} s, {Ended.TotalSeconds:0.000} s]");
}

/// <summary>The kinds of operations.</summary>
internal enum OperationKind
{
    Submit,
    Cancel,
    Pause,
    Resume,
    Retry,

    /// <summary>Reads every experiment and its runs.</summary>
    Status,

    /// <summary>Reads devices and leases.</summary>
    Pool,
}

/// <summary>What is known of an operation.</summary>
internal enum OperationOutcome
{
    /// <summary>It was done: what it did must be seen from then on.</summary>
    Acknowledged,

    /// <summary>It was refused, and did nothing.</summary>
    Refused,

    /// <summary>There was no answer: it was done or not, or is done later.</summary>
    Unknown,
}

/// <summary>An experiment as a reading showed it.</summary>
/// <param name="Phase">running, completed, failed, cancelled.</param>
/// <param name="IsPaused">Whether it was held back.</param>
/// <param name="CancelRequested">Whether it was being cancelled.</param>
/// <param name="Runs">Its runs by key.</param>
internal sealed record SeenExperiment(string Phase, bool IsPaused, bool CancelRequested, IReadOnlyDictionary<string, SeenRun> Runs)
{
    public bool HasEnded => Phase != "running";
}

/// <summary>A run as a reading showed it.</summary>
/// <param name="Epoch">Its newest lease.</param>
/// <param name="Attempts">So far.</param>
/// <param name="End">completed, failed or cancelled; null: it has not ended.</param>
internal sealed record SeenRun(long Epoch, int Attempts, string? End);

/// <summary>A device and its lease as a reading showed them.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Epoch">Of its last lease.</param>
/// <param name="Runs">What it computes; empty: it is free.</param>
internal sealed record SeenLease(string Device, long Epoch, IReadOnlyList<string> Runs);
