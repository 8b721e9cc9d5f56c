using System.CommandLine;
using System.Globalization;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Database;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Client.Commands;

/// <summary><c>up</c>: a cluster on this machine that outlives the terminal.</summary>
internal static class UpCommand
{
    public const string ControlPort = "--control-port";
    public const string GatewayPort = "--gateway-port";
    public const string DevicePort = "--device-port";
    public const string Foreground = "--foreground";

    public static Command Create(ClientContext context)
    {
        var (cluster, store, device, json) = (ClusterSettings.Option(), CommonOptions.Store(), CommonOptions.Device(), CommonOptions.Json());
        var control = Port(ControlPort, "Port of the control silo for other silos; not given: a free one.");
        var gateway = Port(GatewayPort, "Port of the control silo for clients; not given: a free one.");
        var devices = Port(DevicePort, "Port of the first device's silo, the next devices have the next ports; not given: free ones.");
        var foreground = new Option<bool>(Foreground) { Description = "Stay, for a service manager: SIGTERM or Ctrl-C ends the cluster." };
        var detached = new Option<bool>(DetachedCluster.Option) { Description = "Leave the terminal.", Hidden = true };
        var command = new Command("up", "Start a cluster on this machine that outlives the terminal.") { cluster, store, device, control, gateway, devices, foreground, detached, json };
        command.SetAction(async (parsed, _) =>
        {
            // What a supervisor is to do, its caller has read, but for what silos read too.
            var definition = parsed.GetValue(detached) && !parsed.Gives(cluster) ? null : ClusterSettings.Read(parsed.GetValue(cluster));
            var ports = definition?.Ports ?? ClusterPorts.Any;
            var request = new UpRequest(
                ClusterSettings.Layout(parsed, store, definition),
                parsed.Gives(device) ? parsed.GetRequiredValue(device) : definition?.Devices ?? ["cpu"],
                parsed.Gives(device) || definition?.Devices is not null,
                new ClusterPorts(parsed.GetValue(control) ?? ports.Control, parsed.GetValue(gateway) ?? ports.Gateway, parsed.GetValue(devices) ?? ports.FirstDevice),
                definition);
            if (parsed.GetValue(detached))
            {
                ProcessSignals.LeaveTerminal();
            }

            if (definition?.Database is { } database)
            {
                await RequireDatabase(database);
            }

            return await Run(context, request, parsed.GetValue(foreground), parsed.GetValue(json));
        });
        return command;
    }

    private static async Task<int> Run(ClientContext context, UpRequest request, bool foreground, bool json)
    {
        if (ClusterFile.FindRunning(request.Layout) is { IsLasting: true })
        {
            if (await ClusterSession.UntilReady(request.Layout, context.Time, CancellationToken.None) is { } running)
            {
                RequireSame(running, request);
                Show(context.Screen, request, running, isNew: false, json);
                return ExitCodes.Done;
            }
        }

        if (foreground)
        {
            return await new Supervisor(context, request).Run(file => Show(context.Screen, request, file, isNew: true, json));
        }

        var started = await DetachedCluster.Start(context, request);
        Show(context.Screen, request, started.File, started.IsNew, json);
        return ExitCodes.Done;
    }

    /// <summary>Told here and at once, where a silo would wait for the database.</summary>
    private static async Task RequireDatabase(DatabaseDefinition database)
    {
        try
        {
            await DatabaseSchema.Require(database, CancellationToken.None);
        }
        catch (DatabaseException e)
        {
            throw new CommandFailure(ExitCodes.Failed, e.Message, e);
        }
    }

    private static void RequireSame(ClusterFile running, UpRequest request)
    {
        if (request.DevicesAreGiven && !running.Devices.Order().SequenceEqual(request.Devices.Order()))
        {
            throw new CommandFailure(
                ExitCodes.Failed,
                $"The cluster on the store {request.Layout.Root} is up with {string.Join(", ", running.Devices)}, not with {string.Join(", ", request.Devices)}. End it first: {CommandLineText.WithArguments(["down", "--store", request.Layout.Root])}");
        }
    }

    private static void Show(Screen screen, UpRequest request, ClusterFile file, bool isNew, bool json)
    {
        if (json)
        {
            screen.WriteJson(new
            {
                Store = request.Layout.Root,
                Started = isNew,
                file.ClusterId,
                Supervisor = file.Client.Id,
                file.GatewayPort,
                file.Devices,
                Silos = file.Silos.Select(silo => new { silo.Name, Process = silo.Process.Id, silo.Port, Http = Url(file, silo), silo.Problem }),
                Logs = request.Layout.Logs,
            });
            return;
        }

        screen.Heading(string.Create(CultureInfo.InvariantCulture, $"The cluster on {request.Layout.Root} {(isNew ? "is up" : "was up already")}: process {file.Client.Id}, gateway port {file.GatewayPort}"));
        var table = new TextTable("!silo", ">process", ">port", "state", "!health, metrics");
        foreach (var silo in file.Silos)
        {
            table.Add(silo.Name, silo.Process.Id.ToString(CultureInfo.InvariantCulture), silo.Port.ToString(CultureInfo.InvariantCulture), silo.Problem ?? "up", Url(file, silo) ?? "");
        }

        screen.Write(table);
        if (file.Silos is [var control, ..] && Url(file, control) is { } url)
        {
            screen.Line($"operators' dashboard: {url}dashboard/");
        }

        screen.Line($"logs: {request.Layout.Logs}");
        screen.Line($"to end it: {CommandLineText.WithArguments(["down", "--store", request.Layout.Root])}");
    }

    private static string? Url(ClusterFile file, SiloMark silo) =>
        silo.HttpPort is { } port ? new UriBuilder(file.HttpScheme, file.HttpAddress is "0.0.0.0" or "::" ? Environment.MachineName : file.HttpAddress, port).Uri.AbsoluteUri : null;

    private static Option<int?> Port(string name, string description)
    {
        var port = new Option<int?>(name) { Description = description, HelpName = "PORT" };
        port.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1_024 and <= 65_535))
            {
                result.AddError($"{name} is a number from 1024 to 65535.");
            }
        });
        return port;
    }
}
