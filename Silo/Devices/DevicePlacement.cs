using Orleans.Placement;

namespace Orchestrator.Silo.Devices;

/// <summary>Places a grain on the silo of the device that its key names.</summary>
[Serializable]
public sealed class DevicePlacement : PlacementStrategy;

/// <inheritdoc cref="DevicePlacement"/>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DevicePlacementAttribute() : PlacementAttribute(new DevicePlacement());
