using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Storage;

namespace Orchestrator.Unit.Grains.Scheduling;

/// <summary>
/// A grain storage in memory with what matters of a real one: states go through Orleans' serializer, a version guards every
/// row, and it can be told to fail from some write on, before or after the write is done.
/// </summary>
internal sealed class RecordingStorage : IGrainStorage
{
    private readonly Serializer _serializer = new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();
    private readonly Dictionary<string, (byte[]? State, int Version)> _rows = [];

    public int Writes { get; private set; }

    /// <summary>The greatest row ever written, bytes.</summary>
    public int LargestWrite { get; private set; }

    /// <summary>The write that is the last to be done; those after it throw.</summary>
    public int FailAfter { get; set; } = int.MaxValue;

    /// <summary>The caller of the last write is not told that it was done.</summary>
    public bool SwallowLastAnswer { get; set; }

    public int Rows => _rows.Values.Count(row => row.State is not null);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_rows.TryGetValue(stateName, out var row) && row.State is not null)
        {
            grainState.State = _serializer.Deserialize<T>(row.State);
            grainState.RecordExists = true;
        }
        else
        {
            grainState.RecordExists = false;
        }

        grainState.ETag = row.Version == 0 ? null! : $"{row.Version}";
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (Writes >= FailAfter)
            throw new IOException("No space left on device.");

        var version = Guard(stateName, grainState);
        var state = _serializer.SerializeToArray(grainState.State!);
        _rows[stateName] = (state, version + 1);
        LargestWrite = Math.Max(LargestWrite, state.Length);
        Writes++;
        if (Writes == FailAfter && SwallowLastAnswer)
            throw new TimeoutException("The answer was lost.");

        grainState.ETag = $"{version + 1}";
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var version = Guard(stateName, grainState);
        _rows[stateName] = (null, version + 1);
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private int Guard<T>(string stateName, IGrainState<T> grainState)
    {
        var version = _rows.GetValueOrDefault(stateName).Version;
        var expected = version == 0 ? null : $"{version}";
        return grainState.ETag == expected
            ? version
            : throw new InconsistentStateException($"{stateName} has version {expected}; {grainState.ETag} was expected.");
    }
}
