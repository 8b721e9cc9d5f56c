using System.CommandLine;
using Orchestrator.Client.Commands;

namespace Orchestrator.Client;

/// <summary>The program from its arguments to its exit code.</summary>
public static class CommandLine
{
    /// <summary>Runs one command. A mistake of the user's is one message on standard error and exit code 2.</summary>
    public static async Task<int> Run(IReadOnlyList<string> arguments, ClientContext context)
    {
        var parsed = Root(context).Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in UsageProblems.Of(parsed))
            {
                context.Screen.Error(problem);
            }

            context.Screen.Error(UsageProblems.Help(parsed.CommandResult));
            return ExitCodes.BadUsage;
        }

        try
        {
            // Signals are each command's own: a run checkpoints first.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (CommandFailure failure)
        {
            context.Screen.Error(failure.Message);
            return failure.ExitCode;
        }
        catch (OperationCanceledException)
        {
            context.Screen.Error("Interrupted."); // nothing but a signal cancels
            return ExitCodes.Interrupted;
        }
        catch (Exception ex) when (ex is OrleansException or TimeoutException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            context.Screen.Error(ex.Message);
            return ExitCodes.Failed;
        }
    }

    private static RootCommand Root(ClientContext context) => new("Orchestrator: experiments in mechanistic interpretability, from a spec to trained dictionaries, analysed features and a report.")
    {
        RunCommand.Create(context),
        PlanCommand.Create(context),
        SchemaCommand.Create(context),
        UpCommand.Create(context),
        DownCommand.Create(context),
        DatabaseCommand.Create(context),
        SubmitCommand.Create(context),
        DiffCommand.Create(context),
        ListCommand.Create(context),
        ShowCommand.Create(context),
        WhyCommand.Create(context),
        WatchCommand.Create(context),
        LogsCommand.Create(context),
        SteeringCommands.Cancel(context),
        SteeringCommands.Pause(context),
        SteeringCommands.Resume(context),
        SteeringCommands.Retry(context),
        SetCommand.Create(context),
        CollectCommand.Create(context),
        PluginCommand.Create(context),
        TokenCommand.Create(context),
        FeaturesCommand.Create(context),
        FeatureCommand.Create(context),
        NoteCommand.Create(context),
        ImportCommand.Create(context),
        ExportCommand.Create(context),
    };
}
