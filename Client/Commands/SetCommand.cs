using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions;
using Orchestrator.Client.Cluster;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Client.Commands;

/// <summary><c>set ID SETTING VALUE</c>: what an experiment may have of the devices, from now on.</summary>
internal static class SetCommand
{
    private const string Priority = "priority";
    private const string Weight = "weight";
    private const string MaxDevices = "max-devices";
    private const string None = "none";
    private static readonly string[] Settings = [Priority, Weight, MaxDevices];

    public static Command Create(ClientContext context)
    {
        var id = ExperimentLookup.Argument();
        var setting = new Argument<string>("SETTING") { Description = $"{Priority}: higher goes first and may preempt, 0 where nothing is set; {Weight}: share of the devices relative to others, 1 where nothing is set; {MaxDevices}: devices at once, or {None}." };
        setting.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Settings.Contains(token.Value))
            {
                result.AddError($"'{token.Value}' is no setting; allowed: {string.Join(", ", Settings)}.");
            }
        });
        var value = new Argument<string>("VALUE") { Description = "A number." };
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("set", "Change an experiment's priority, weight or limit of devices.") { id, setting, value, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var set = Read(parsed.GetRequiredValue(setting), parsed.GetRequiredValue(value));
            await using var session = await ClusterSession.Join(context, parsed.Layout(store), cancellationToken);
            var experiment = await ExperimentOverview.One(session.Grains, parsed.GetRequiredValue(id), cancellationToken);
            await Apply(set, ExperimentOverview.Scheduler(session.Grains), experiment.Status.Id, cancellationToken);
            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(ExperimentJson.Line(await ExperimentOverview.One(session.Grains, experiment.Status.Id.Value, cancellationToken)));
            }
            else
            {
                context.Screen.Line($"{experiment.Status.Id}: {parsed.GetRequiredValue(setting)} is {parsed.GetRequiredValue(value)} from now on.");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>What the user means, or what he may mean.</summary>
    private static Func<ISchedulerGrain, ExperimentId, CancellationToken, Task> Read(string setting, string text)
    {
        switch (setting)
        {
            case Priority when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority):
                return (scheduler, id, token) => scheduler.SetPriority(id, priority, token);
            case Weight when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight):
                return (scheduler, id, token) => scheduler.SetWeight(id, weight, token);
            case MaxDevices when text == None:
                return (scheduler, id, token) => scheduler.SetMaxDevices(id, null, token);
            case MaxDevices when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var most):
                return (scheduler, id, token) => scheduler.SetMaxDevices(id, most, token);
            default:
                var allowed = setting == MaxDevices ? $"a whole number of 1 or more, or {None}" : setting == Priority ? "a whole number from -1000 to 1000" : "a number from 0.000001 to 1000000";
                throw CommandFailure.Usage($"'{text}' is no {setting}; allowed: {allowed}.");
        }
    }

    private static async Task Apply(Func<ISchedulerGrain, ExperimentId, CancellationToken, Task> set, ISchedulerGrain scheduler, ExperimentId id, CancellationToken cancellationToken)
    {
        try
        {
            await set(scheduler, id, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            throw CommandFailure.Usage(exception.Message); // the scheduler's own rule, with what is allowed
        }
    }
}
