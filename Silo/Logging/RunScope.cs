using System.Collections;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Silo.Logging;

/// <summary>Whatever is logged within is about these runs.</summary>
internal sealed class RunScope(JobAssignment assignment) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly List<KeyValuePair<string, object?>> _values =
    [
        .. assignment.Job.Stages.Select(stage => KeyValuePair.Create("Run", (object?)stage.Key)),
        KeyValuePair.Create("Epoch", (object?)assignment.Epoch),
    ];

    public int Count => _values.Count;

    public KeyValuePair<string, object?> this[int index] => _values[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join(", ", assignment.Job.Stages.Select(stage => stage.Key));
}
