using System.Globalization;
using System.Text;

namespace Orchestrator.Database;

/// <summary>The schema as this program carries it: a script a version, and the statements of Orleans' providers.</summary>
internal static class SchemaScripts
{
    private const string KeyMark = "--- ";
    private static readonly string[] Names = ["1-providers", "2-store"];

    /// <summary>The version that this program works with.</summary>
    public static int Newest => Names.Length;

    /// <summary>What a database with all versions has.</summary>
    public static IReadOnlyList<string> Tables { get; } =
        ["orleansquery", "orleansmembershipversion", "orleansmembership", "orleansstorage", "orleansreminders", "storeidentity"];

    /// <summary>Statements of the providers by their keys, in the newest version.</summary>
    public static IReadOnlyDictionary<string, string> Queries { get; } = ReadQueries();

    /// <summary>What makes a version from the one before.</summary>
    public static string Of(int version) => Read(Names[version - 1]);

    private static Dictionary<string, string> ReadQueries()
    {
        var queries = new Dictionary<string, StringBuilder>();
        StringBuilder? current = null;
        foreach (var line in Read("queries").Split('\n'))
        {
            if (line.StartsWith(KeyMark, StringComparison.Ordinal))
                queries.Add(line[KeyMark.Length..].Trim(), current = new StringBuilder());
            else if (!line.StartsWith("--", StringComparison.Ordinal) && line.Length > 0)
                current?.Append(line).Append('\n');
        }

        return queries.ToDictionary(query => query.Key, query => query.Value.ToString());
    }

    private static string Read(string name)
    {
        using var stream = typeof(SchemaScripts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The assembly lacks its resource {name}."));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
