using System.Globalization;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Client.Commands;

/// <summary>The cluster that the user wants to be up.</summary>
/// <param name="Layout">Its store.</param>
/// <param name="Devices">At least one.</param>
/// <param name="DevicesAreGiven">Whether the user named them, and not the default.</param>
/// <param name="Ports">Where it listens.</param>
/// <param name="Definition">The cluster's file; null: there is none.</param>
internal sealed record UpRequest(StoreLayout Layout, IReadOnlyList<string> Devices, bool DevicesAreGiven, ClusterPorts Ports, ClusterDefinition? Definition)
{
    /// <summary>The arguments with which a process of its own serves the same; nothing of it depends on a working folder.</summary>
    public IReadOnlyList<string> ToArguments()
    {
        List<string> arguments = ["up", "--store", Layout.Root, .. Devices.SelectMany(device => new[] { "--device", device })];
        Add(UpCommand.ControlPort, Ports.Control);
        Add(UpCommand.GatewayPort, Ports.Gateway);
        Add(UpCommand.DevicePort, Ports.FirstDevice);
        if (Definition is not null)
        {
            arguments.AddRange([ClusterSettings.OptionName, Definition.File]);
        }

        return arguments;

        void Add(string option, int? port)
        {
            if (port is { } number)
            {
                arguments.AddRange([option, number.ToString(CultureInfo.InvariantCulture)]);
            }
        }
    }
}
