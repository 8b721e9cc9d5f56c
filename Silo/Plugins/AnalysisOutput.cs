using System.Text.RegularExpressions;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Silo.Plugins;

/// <summary>The folder that an analysis writes into, the names it may use there, and how much it may write.</summary>
/// <param name="folder">Absolute path, existing.</param>
/// <param name="limits">How much.</param>
public sealed partial class AnalysisOutput(string folder, AnalysisLimits? limits = null)
{
    private readonly AnalysisLimits _limits = limits ?? AnalysisLimits.Default;
    private readonly Dictionary<string, long> _written = new(StringComparer.OrdinalIgnoreCase);
    private long _total;

    private const double Mebibyte = 1 << 20;

    private static readonly string[] ReservedNames = ["result.json", "artefact.json", ErrorName];

    /// <summary>Where <see cref="AnalysisRunner"/> writes what an analysis threw.</summary>
    public const string ErrorName = "error.txt";

    /// <summary>Writes <c>{name}.parquet</c>.</summary>
    /// <exception cref="ArgumentException">The name is not kebab-case, or the table is not one.</exception>
    /// <exception cref="AnalysisLimitException">It would be too much.</exception>
    public void WriteTable(string name, AnalysisTable table)
    {
        if (!KebabCase().IsMatch(name))
        {
            throw new ArgumentException($"The name of a table is kebab-case, not '{name}'.", nameof(name));
        }

        var fileName = name + ".parquet";
        var path = Path.Combine(folder, fileName);
        Admit(fileName, 1);
        ParquetTableWriter.Write(path, table);
        try
        {
            Admit(fileName, new FileInfo(path).Length); // how long it is shows only once it is written
        }
        catch (AnalysisLimitException)
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Writes a file.</summary>
    /// <exception cref="ArgumentException">The name has anything but letters, digits, '-', '_' and '.', starts with '.', or is the host's.</exception>
    /// <exception cref="AnalysisLimitException">It would be too much.</exception>
    public void WriteFile(string fileName, ReadOnlySpan<byte> content)
    {
        if (!PlainName().IsMatch(fileName) || ReservedNames.Contains(fileName, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"'{fileName}' is not a plain file name, or belongs to the host.", nameof(fileName));
        }

        Admit(fileName, content.Length);
        File.WriteAllBytes(Path.Combine(folder, fileName), content);
    }

    private void Admit(string fileName, long bytes)
    {
        var isNew = !_written.TryGetValue(fileName, out var before);
        if (isNew && _written.Count >= _limits.OutputFiles)
        {
            throw new AnalysisLimitException($"It would write more than {_limits.OutputFiles:N0} files.");
        }

        var total = _total - before + bytes;
        if (total > _limits.OutputBytes)
        {
            throw new AnalysisLimitException(FormattableString.Invariant(
                $"With {fileName} its files would take {total / Mebibyte:0.0} MiB; {_limits.OutputBytes / Mebibyte:0.0} MiB are allowed ({AnalysisLimits.OutputVariable} sets how many)."));
        }

        (_written[fileName], _total) = (bytes, total);
    }

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KebabCase();

    [GeneratedRegex(@"\A[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PlainName();
}
