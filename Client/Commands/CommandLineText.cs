namespace Orchestrator.Client.Commands;

/// <summary>Commands as the user would type them.</summary>
internal static class CommandLineText
{
    private const string Plain = "-_./:=@%+,";

    /// <summary>This program with other arguments, in the way in which it was started, quoted for a shell.</summary>
    public static string WithArguments(IEnumerable<string> arguments)
    {
        var program = Environment.GetCommandLineArgs()[0];
        var host = Environment.ProcessPath;
        var isHosted = host is null || Path.GetFileNameWithoutExtension(host) == "dotnet";
        IEnumerable<string> start = isHosted ? ["dotnet", program] : [host!];
        return string.Join(' ', start.Concat(arguments).Select(Quote));
    }

    /// <summary>A word for a POSIX shell.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c)) ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
