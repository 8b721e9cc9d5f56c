using Orleans.Runtime.Placement;

namespace Orchestrator.Silo.Devices;

/// <inheritdoc cref="DevicePlacement"/>
public sealed class DevicePlacementDirector(ISiloStatusOracle silos) : IPlacementDirector
{
    /// <exception cref="OrleansException">No silo that is up serves the device.</exception>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var device = target.GrainIdentity.Key.ToString()!;
        var wanted = DeviceIdentity.SiloName(device);
        foreach (var silo in context.GetCompatibleSilos(target))
        {
            if (silos.TryGetSiloName(silo, out var name) && name == wanted)
                return Task.FromResult(silo);
        }

        throw new OrleansException($"No silo named {wanted} is up, so that device {device} cannot be reached.");
    }
}
