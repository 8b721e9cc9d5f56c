namespace Orchestrator.Processes.History;

/// <summary>
/// Compares what clients saw with what the cluster promises: what was acknowledged is seen from then on, leases are
/// exclusive, epochs only grow, and a run that has ended stays so until somebody asks for it again.
/// </summary>
/// <remarks>
/// Only operations that did not overlap are ordered; one without an answer may take effect at any time after it was sent,
/// or never. So what is reported is never a matter of chance, and what is not may still have been wrong.
/// </remarks>
internal static class HistoryChecker
{
    /// <returns>What was violated, a sentence each with the operations; empty: nothing.</returns>
    public static IReadOnlyList<string> Check(IReadOnlyCollection<Operation> history)
    {
        var ordered = history.OrderBy(operation => operation.Began).ToList();
        var readings = ordered.FindAll(operation => operation is { Kind: OperationKind.Status, Outcome: OperationOutcome.Acknowledged });
        return
        [
            .. Submissions(ordered, readings),
            .. Settings(ordered, readings),
            .. Ends(ordered, readings),
            .. Runs(ordered, readings),
            .. Leases(ordered.FindAll(operation => operation is { Kind: OperationKind.Pool, Outcome: OperationOutcome.Acknowledged })),
        ];
    }

    /// <summary>Acknowledged means visible, for good.</summary>
    private static IEnumerable<string> Submissions(List<Operation> history, List<Operation> readings)
    {
        foreach (var submit in history.Where(operation => operation is { Kind: OperationKind.Submit, Outcome: OperationOutcome.Acknowledged }))
        {
            if (readings.Find(reading => submit.IsBefore(reading) && !reading.Seen.ContainsKey(submit.Experiment!)) is { } blind)
                yield return $"{submit} was acknowledged, and {blind} did not show it.";
        }
    }

    /// <summary>Paused stays paused until a resume, and the other way round; a cancellation is seen until a new demand.</summary>
    private static IEnumerable<string> Settings(List<Operation> history, List<Operation> readings)
    {
        foreach (var set in history.Where(operation => operation is { Kind: OperationKind.Pause or OperationKind.Resume or OperationKind.Cancel, Outcome: OperationOutcome.Acknowledged }))
        {
            foreach (var reading in readings.Where(set.IsBefore))
            {
                if (!reading.Seen.TryGetValue(set.Experiment!, out var seen) || IsUndone(set, reading, history))
                    continue;

                var holds = set.Kind switch
                {
                    OperationKind.Pause => seen.IsPaused,
                    OperationKind.Resume => !seen.IsPaused,
                    _ => seen.CancelRequested || seen.HasEnded,
                };
                if (!holds)
                {
                    yield return $"{set} was acknowledged, and {reading} showed otherwise.";
                    break;
                }
            }
        }
    }

    /// <summary>Whether something else may have been done to it after, and before the reading was over.</summary>
    private static bool IsUndone(Operation set, Operation reading, List<Operation> history)
    {
        OperationKind[] others = set.Kind switch
        {
            OperationKind.Pause => [OperationKind.Resume],
            OperationKind.Resume => [OperationKind.Pause],
            _ => [OperationKind.Submit, OperationKind.Retry],
        };
        return history.Exists(other => others.Contains(other.Kind) && other.Experiment == set.Experiment
            && other.Outcome != OperationOutcome.Refused && other.Began < reading.Ended && MayFollow(other, set));
    }

    /// <summary>Whether an operation may have taken effect after another one.</summary>
    private static bool MayFollow(Operation later, Operation earlier) => later.Outcome == OperationOutcome.Unknown || later.Ended >= earlier.Began;

    /// <summary>An experiment that has ended stays so, in the same way, until a new demand.</summary>
    private static IEnumerable<string> Ends(List<Operation> history, List<Operation> readings)
    {
        foreach (var (before, after, id) in Pairs(readings))
        {
            var (first, second) = (before.Seen[id], after.Seen[id]);
            if (first.HasEnded && second.Phase != first.Phase && !IsAskedAgain(id, before, after, history))
                yield return $"{id} was {first.Phase} in {before}, and {second.Phase} in {after}.";
        }
    }

    private static IEnumerable<string> Runs(List<Operation> history, List<Operation> readings)
    {
        foreach (var (before, after, id) in Pairs(readings))
        {
            foreach (var (key, first) in before.Seen[id].Runs)
            {
                if (!after.Seen[id].Runs.TryGetValue(key, out var second))
                    continue;

                if (second.Epoch < first.Epoch)
                    yield return $"The epoch of {key} fell from {first.Epoch} in {before} to {second.Epoch} in {after}.";

                if (second.Attempts < first.Attempts)
                    yield return $"The attempts of {key} fell from {first.Attempts} in {before} to {second.Attempts} in {after}.";

                // A run is shared: a demand of any experiment is one for it.
                if (first.End is not null && second.End != first.End && !IsAskedAgain(null, before, after, history))
                    yield return $"{key} was {first.End} in {before}, and {second.End ?? "open"} in {after}.";
            }
        }
    }

    private static bool IsAskedAgain(string? id, Operation before, Operation after, List<Operation> history) => history.Exists(demand =>
        demand.Kind is OperationKind.Submit or OperationKind.Retry && (id is null || demand.Experiment == id)
        && demand.Outcome != OperationOutcome.Refused && demand.Began < after.Ended && MayFollow(demand, before));

    /// <summary>Readings of the same experiment, each with the next that began after it was over.</summary>
    private static IEnumerable<(Operation Before, Operation After, string Experiment)> Pairs(List<Operation> readings)
    {
        for (var i = 0; i < readings.Count; i++)
        {
            foreach (var id in readings[i].Seen.Keys)
            {
                if (readings.Skip(i + 1).FirstOrDefault(reading => readings[i].IsBefore(reading) && reading.Seen.ContainsKey(id)) is { } next)
                    yield return (readings[i], next, id);
            }
        }
    }

    private static IEnumerable<string> Leases(List<Operation> readings)
    {
        foreach (var reading in readings)
        {
            foreach (var shared in reading.Leases.SelectMany(lease => lease.Runs.Select(run => (Run: run, lease.Device, lease.Epoch))).GroupBy(held => held.Run).Where(held => held.Select(one => one.Epoch).Distinct().Count() > 1))
                yield return $"{shared.Key} was leased twice, to {string.Join(" and ", shared.Select(held => $"{held.Device} under epoch {held.Epoch}"))}, in {reading}.";
        }

        // What an epoch was given for it keeps for good, and a device's epochs grow.
        var given = new Dictionary<long, (string Runs, Operation Reading)>();
        for (var i = 0; i < readings.Count; i++)
        {
            foreach (var lease in readings[i].Leases)
            {
                if (readings.Skip(i + 1).FirstOrDefault(reading => readings[i].IsBefore(reading))?.Leases.FirstOrDefault(later => later.Device == lease.Device) is { } next && next.Epoch < lease.Epoch)
                    yield return $"The epoch of {lease.Device} fell from {lease.Epoch} to {next.Epoch} after {readings[i]}.";

                var runs = string.Join(", ", lease.Runs.Order(StringComparer.Ordinal));
                if (lease.Runs.Count > 0 && !given.TryAdd(lease.Epoch, (runs, readings[i])) && given[lease.Epoch].Runs != runs)
                    yield return $"Epoch {lease.Epoch} was given for {given[lease.Epoch].Runs} in {given[lease.Epoch].Reading}, and for {runs} in {readings[i]}.";
            }
        }
    }
}
