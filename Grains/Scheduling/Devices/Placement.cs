using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Devices;

/// <summary>
/// Which of the devices that a job could have it gets: the least memory that will do, then where its checkpoint, its stream
/// or its inputs lie, then the host with the least to do. The devices of a gang are on as few hosts as possible.
/// </summary>
internal sealed class Placement(Fleet fleet)
{
    private const int Checkpoint = 1 << 20;
    private const int Stream = 1 << 19;

    /// <summary>Chooses the devices.</summary>
    /// <param name="job">What for.</param>
    /// <param name="candidates">Each would do.</param>
    /// <returns>As many as the job needs, the leading one first; null: there are not enough of one kind.</returns>
    public IReadOnlyList<Device>? Choose(WaitingJob job, List<Device> candidates)
    {
        if (candidates.Count < job.Demand.Devices)
            return null;

        return job.Demand.Devices == 1 ? [ChooseOne(job, candidates)] : ChooseGang(job, candidates);
    }

    private static int NearTo(WaitingJob job, Device device)
    {
        var host = device.HostName;
        var near = host == job.LastHost || host == job.Demand.CheckpointHost ? Checkpoint : 0;
        if (job.Demand.StreamHosts.Contains(host))
            near += Stream;

        if (device.Near.Count > 0)
            near += job.Demand.Inputs.Count(device.Near.Contains);

        return near;
    }

    private Device ChooseOne(WaitingJob job, List<Device> candidates)
    {
        var best = candidates[0];
        foreach (var device in candidates.Skip(1))
        {
            if (Compare(job, device, best) < 0)
                best = device;
        }

        return best;
    }

    private int Compare(WaitingJob job, Device a, Device b)
    {
        var byMemory = a.Type.Capacity.CompareTo(b.Type.Capacity);
        if (byMemory != 0)
            return byMemory;

        var byPlace = NearTo(job, b).CompareTo(NearTo(job, a));
        if (byPlace != 0)
            return byPlace;

        var byLoad = fleet.HostOf(a).Load.CompareTo(fleet.HostOf(b).Load);
        return byLoad != 0 ? byLoad : string.CompareOrdinal(a.Name, b.Name);
    }

    private static List<Device>? ChooseGang(WaitingJob job, List<Device> candidates)
    {
        var size = job.Demand.Devices;
        return candidates.GroupBy(device => device.Type.Kind)
            .Where(kind => kind.Count() >= size)
            .Select(kind => kind.OrderBy(device => device.Type.Capacity).ToList())
            // The least memory with which there are enough of them.
            .Select(kind => kind.FindAll(device => device.Type.Capacity <= kind[size - 1].Type.Capacity))
            .OrderBy(kind => kind[^1].Type.Capacity)
            .ThenBy(kind => kind[0].Type.Kind, StringComparer.Ordinal)
            .Select(kind => OnFewHosts(job, kind))
            .FirstOrDefault();
    }

    private static List<Device> OnFewHosts(WaitingJob job, List<Device> devices)
    {
        var size = job.Demand.Devices;
        var hosts = devices.GroupBy(device => device.HostName)
            .Select(host => host.OrderBy(device => device.Type.Capacity).ThenBy(device => device.Name, StringComparer.Ordinal).ToList())
            .ToList();
        return hosts
            .OrderByDescending(host => host.Count >= size)                 // all on one host
            .ThenByDescending(host => NearTo(job, host[0]))
            .ThenBy(host => host.Count >= size ? host.Count : -host.Count) // the tightest that is enough, else the most on each
            .ThenBy(host => host[0].HostName, StringComparer.Ordinal)
            .SelectMany(host => host)
            .Take(size)
            .ToList();
    }
}
