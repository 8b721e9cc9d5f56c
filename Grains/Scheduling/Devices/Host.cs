namespace Orchestrator.Grains.Scheduling.Devices;

/// <summary>A machine and how much of it is at work.</summary>
internal sealed class Host(string name)
{
    public string Name { get; } = name;

    /// <summary>Its devices that are there.</summary>
    public int Present { get; set; }

    /// <summary>Those of them that are leased.</summary>
    public int Busy { get; set; }

    /// <summary>Share of its devices at work, 0 to 1.</summary>
    public double Load => Present == 0 ? 1 : (double)Busy / Present;
}
