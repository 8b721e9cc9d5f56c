using System.CommandLine;
using System.CommandLine.Parsing;

namespace Orchestrator.Client;

/// <summary>What is wrong with a command line, a message a mistake.</summary>
internal static class UsageProblems
{
    /// <summary>An unknown word makes the words after it unknown too: only the first is told.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var isRoot = command is RootCommand;
        if (parsed.UnmatchedTokens is [var first, ..])
        {
            return [first.StartsWith('-') ? UnknownOption(command, first) : isRoot ? UnknownCommand(command, first) : $"{command.Name} has no place for '{first}'."];
        }

        return isRoot
            ? [$"A command is missing; there are: {string.Join(", ", command.Subcommands.Select(c => c.Name))}."]
            : [.. parsed.Errors.Select(error => error.Message).Distinct()];
    }

    /// <summary>How to get help with it.</summary>
    public static string Help(CommandResult result) => result.Command is RootCommand ? "See --help." : $"See {result.Command.Name} --help.";

    private static string UnknownCommand(Command root, string word) =>
        $"There is no command '{word}'; there are: {string.Join(", ", root.Subcommands.Select(c => c.Name))}.";

    private static string UnknownOption(Command command, string word)
    {
        var options = command.Options.Where(option => !option.Hidden).Select(option => option.Name).Append("--help");
        return $"There is no option '{word}'; allowed: {string.Join(", ", options.Distinct())}.";
    }
}
