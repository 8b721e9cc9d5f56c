using System.Text.RegularExpressions;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Silo.Plugins;

/// <summary>The folder that an analysis writes into, and the names it may use there.</summary>
/// <param name="folder">Absolute path, existing.</param>
public sealed partial class AnalysisOutput(string folder)
{
    private static readonly string[] ReservedNames = ["result.json", "artefact.json", ErrorName];

    /// <summary>Where <see cref="AnalysisRunner"/> writes what an analysis threw.</summary>
    public const string ErrorName = "error.txt";

    /// <summary>Writes <c>{name}.parquet</c>.</summary>
    /// <exception cref="ArgumentException">The name is not kebab-case, or the table is not one.</exception>
    public void WriteTable(string name, AnalysisTable table)
    {
        if (!KebabCase().IsMatch(name))
        {
            throw new ArgumentException($"The name of a table is kebab-case, not '{name}'.", nameof(name));
        }

        ParquetTableWriter.Write(Path.Combine(folder, name + ".parquet"), table);
    }

    /// <summary>Writes a file.</summary>
    /// <exception cref="ArgumentException">The name has anything but letters, digits, '-', '_' and '.', starts with '.', or is the host's.</exception>
    public void WriteFile(string fileName, ReadOnlySpan<byte> content)
    {
        if (!PlainName().IsMatch(fileName) || ReservedNames.Contains(fileName, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"'{fileName}' is not a plain file name, or belongs to the host.", nameof(fileName));
        }

        File.WriteAllBytes(Path.Combine(folder, fileName), content);
    }

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KebabCase();

    [GeneratedRegex(@"\A[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PlainName();
}
