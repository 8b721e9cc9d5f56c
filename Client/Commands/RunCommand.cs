using System.CommandLine;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary><c>run SPEC</c>: plans, computes what is missing on the cluster that is up or on one of its own, and shows what was found.</summary>
internal static class RunCommand
{
    public static Command Create(ClientContext context)
    {
        var spec = CommonOptions.Spec();
        var device = CommonOptions.Device();
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("run", "Run an experiment: compute what the store does not hold yet, and report.") { spec, store, device, json };
        command.SetAction((parsed, cancellationToken) => Run(
            context,
            parsed.GetRequiredValue(spec),
            new RunRequest("experiment", ["run", parsed.GetRequiredValue(spec)], parsed.Layout(store), parsed.GetRequiredValue(store), parsed.GetRequiredValue(device), parsed.Gives(device), parsed.GetValue(json)),
            cancellationToken));
        return command;
    }

    private static async Task<int> Run(ClientContext context, string spec, RunRequest request, CancellationToken cancellationToken)
    {
        if (PlannedSpec.Read(context, spec, request.Layout, cancellationToken) is not { } plan)
        {
            return ExitCodes.BadUsage;
        }

        await using var run = new ExperimentRun(context, request, plan);
        return await run.Execute();
    }
}

/// <summary>What the user asked for.</summary>
/// <param name="Noun">What it is called.</param>
/// <param name="Command">The verb and its own arguments, as they would be typed to go on.</param>
/// <param name="Layout">The store.</param>
/// <param name="StoreText">The store as it was typed.</param>
/// <param name="Devices">At least one.</param>
/// <param name="DevicesAreGiven">Whether the user named them, and not the default.</param>
/// <param name="Json">Whether standard output is for the summary alone.</param>
internal sealed record RunRequest(string Noun, IReadOnlyList<string> Command, StoreLayout Layout, string StoreText, IReadOnlyList<string> Devices, bool DevicesAreGiven, bool Json);
