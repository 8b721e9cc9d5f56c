using Microsoft.Extensions.Options;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Silo.Devices;

/// <summary>Room on the store's disk: a device takes no job while there is too little of it.</summary>
public sealed class StoreRoom(StoreLayout layout, IOptions<DeviceOptions> options)
{
    private long _afterFull;

    /// <summary>Bytes that are free; null where the system does not say.</summary>
    public long? Free
    {
        get
        {
            try
            {
                return new DriveInfo(layout.Root).AvailableFreeSpace;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return null;
            }
        }
    }

    /// <summary>Bytes that must be free before a job is taken.</summary>
    public long Required => Math.Max(options.Value.LeastFreeBytes, Interlocked.Read(ref _afterFull));

    /// <summary>
    /// The disk was full for a job, although there was this much: the next one waits until there is noticeably more, or it
    /// would compute the same and fail again.
    /// </summary>
    public void NoteFull() => Interlocked.Exchange(ref _afterFull, (Free ?? 0) + options.Value.LeastFreeBytes);

    /// <summary>A job could write what it had to.</summary>
    public void NoteRoom() => Interlocked.Exchange(ref _afterFull, 0);
}
