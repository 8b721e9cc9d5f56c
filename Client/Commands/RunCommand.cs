using System.CommandLine;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary><c>run SPEC</c>: plans, starts the cluster, computes what is missing, and shows what was found.</summary>
internal static class RunCommand
{
    public static Command Create(ClientContext context)
    {
        var spec = CommonOptions.Spec();
        var device = new Option<string[]>("--device")
        {
            Description = "A device to compute on: cpu, cuda:0 …; may be repeated, one process each.",
            HelpName = "DEVICE",
            DefaultValueFactory = _ => ["cpu"],
        };
        device.Validators.Add(result =>
        {
            var names = result.Tokens.Select(token => token.Value).ToList();
            foreach (var name in names.Where(name => !IsDevice(name)))
            {
                result.AddError($"'{name}' is no device; allowed: cpu, cuda:0, cuda:1 …");
            }

            if (names.Distinct().Count() < names.Count)
            {
                result.AddError("--device names a device twice.");
            }
        });
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("run", "Run an experiment: compute what the store does not hold yet, and report.") { spec, store, device, json };
        command.SetAction((parsed, cancellationToken) => Run(
            context,
            new RunRequest(parsed.GetRequiredValue(spec), parsed.Layout(store), parsed.GetRequiredValue(store), parsed.GetRequiredValue(device), parsed.GetValue(json)),
            cancellationToken));
        return command;
    }

    private static async Task<int> Run(ClientContext context, RunRequest request, CancellationToken cancellationToken)
    {
        if (PlannedSpec.Read(context, request.SpecPath, cancellationToken) is not { } plan)
        {
            return ExitCodes.BadUsage;
        }

        // Where everything is cached a device would only be started and ended.
        var needsDevice = PlanStatus.Of(plan, new ArtefactStore(request.Layout, context.Time)).ToCompute.Any();
        await using var run = new ExperimentRun(context, request, plan, needsDevice);
        return await run.Execute();
    }

    private static bool IsDevice(string name) =>
        name == "cpu" || (name.StartsWith("cuda:", StringComparison.Ordinal) && name.Length > 5 && name.AsSpan(5).IndexOfAnyExceptInRange('0', '9') < 0);
}

/// <summary>What the user asked for.</summary>
/// <param name="SpecPath">As it was typed.</param>
/// <param name="Layout">The store.</param>
/// <param name="StoreText">The store as it was typed.</param>
/// <param name="Devices">At least one.</param>
/// <param name="Json">Whether standard output is for the summary alone.</param>
internal sealed record RunRequest(string SpecPath, StoreLayout Layout, string StoreText, IReadOnlyList<string> Devices, bool Json);
