using Orchestrator.Abstractions;

namespace Orchestrator.Planning.Artefacts;

/// <summary>
/// The names that users gave to dictionaries of a store, a small file each: every process that sees the store knows them,
/// and they outlast all processes.
/// </summary>
public sealed class DictionaryNames(StoreLayout layout)
{
    private const int IdHexDigits = 12;

    /// <summary>Why a text can be no name; null: it can.</summary>
    public static string? Problem(string text) =>
        !StoreLayout.IsName(text) ? "allowed are letters, digits, '.', '_' and '-', at most 128, the first a letter or digit"
        : text.StartsWith("dictionary-", StringComparison.Ordinal) ? "it begins as ids do, with 'dictionary-'"
        : text.Length <= IdHexDigits && text.All(char.IsAsciiHexDigitLower) ? "it could be the short form of an id, being of hex digits only"
        : null;

    /// <summary>The dictionary of that name; null where nothing is called so.</summary>
    public DictionaryId? Find(string name)
    {
        if (!StoreLayout.IsName(name)) return null;
        try
        {
            return new DictionaryId(File.ReadAllText(PathOf(name)).Trim());
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All names, in order.</summary>
    public IReadOnlyList<string> All() => Directory.Exists(layout.Names)
        ? [.. Directory.EnumerateFiles(layout.Names).Select(path => Path.GetFileName(path)).Where(name => Problem(name) is null).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Calls a dictionary so from now on, whatever was called so before; whole or not at all.</summary>
    /// <exception cref="ArgumentException">The text can be no name.</exception>
    public void Set(string name, DictionaryId dictionary)
    {
        if (Problem(name) is { } problem) throw new ArgumentException($"'{name}' can be no name: {problem}.", nameof(name));
        Directory.CreateDirectory(layout.Names);
        var temporary = Path.Combine(layout.Names, $"+{name}.{Guid.NewGuid():N}");   // no name begins so
        File.WriteAllText(temporary, $"{dictionary}\n");
        DurableFiles.Flush(temporary);
        File.Move(temporary, PathOf(name), overwrite: true);
        DurableFiles.FlushFolder(layout.Names);
    }

    private string PathOf(string name) => Path.Combine(layout.Names, name);
}
