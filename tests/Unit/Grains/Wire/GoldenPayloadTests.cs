using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;
using Orchestrator.Grains.Runs;
using Orleans.Serialization;
using Xunit;

namespace Orchestrator.Unit.Grains.Wire;

/// <summary>
/// What silos send each other and keep, as bytes that were written when a type was as it was then: one file for each shape
/// that a type ever had, which is never written again. Silos of two versions in one cluster, and a new silo on an old
/// store, read each other as long as these tests pass.
/// </summary>
/// <remarks>With the environment variable <c>ORCHESTRATOR_UPDATE_PAYLOADS=1</c>, files of new shapes are added; none is changed.</remarks>
public sealed class GoldenPayloadTests
{
    private static readonly Assembly[] Assemblies = [typeof(RunOutcome).Assembly, typeof(StageRunState).Assembly, typeof(StageKey).Assembly];

    private static readonly Serializer Serializer = new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    private static string Folder => Path.Combine(Repository.Root, "tests", "Unit", "Grains", "Wire", "Payloads");

    private static IReadOnlyList<Type> Sent { get; } =
        [.. Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(IsSent).OrderBy(type => type.FullName, StringComparer.Ordinal)];

    public static TheoryData<string> Types => [.. Sent.Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryShapeOfAType_IsRead(string name)
    {
        var type = Sent.Single(candidate => candidate.FullName == name);
        var alias = AliasOf(type);
        Assert.True(alias is not null, $"{name} has no [Alias]: its name in code would be its name on the wire.");
        var files = Directory.EnumerateFiles(Folder, $"{alias}.*.txt").ToList();
        var now = WireText.Of(Sample.Of(type));
        if (!files.Exists(file => Describes(file, now)))
        {
            Assert.True(Environment.GetEnvironmentVariable("ORCHESTRATOR_UPDATE_PAYLOADS") == "1", $"No payload in {Folder} has the present shape of {name}; run this test with ORCHESTRATOR_UPDATE_PAYLOADS=1 and commit the file.");
            var file = Path.Combine(Folder, $"{alias}.{files.Count + 1}.txt");
            File.WriteAllLines(file, [Convert.ToBase64String(Serializer.SerializeToArray<object>(Sample.Of(type))), .. now]);
            files.Add(file);
        }

        foreach (var file in files)
        {
            var lines = File.ReadAllLines(file);
            var read = Serializer.Deserialize<object>(Convert.FromBase64String(lines[0]));
            Assert.IsType(type, read);
            var seen = WireText.Of(read).ToHashSet();
            Assert.All(lines[1..], line => Assert.True(seen.Contains(line), $"{Path.GetFileName(file)} said '{line}', which was not read."));
        }
    }

    [Fact]
    public void EveryPayload_IsOfATypeThatIsThere()
    {
        var aliases = Sent.Select(AliasOf).ToHashSet();

        Assert.All(Directory.EnumerateFiles(Folder), file => Assert.Contains(Path.GetFileName(file).Split('.')[0], aliases));
    }

    /// <summary>A field that only a newer version knows does not disturb an older one.</summary>
    [Fact]
    public void AFieldOfANewerVersion_IsPassedOver()
    {
        var sent = Serializer.SerializeToArray(new NewerProgress(7, "later"));

        Assert.Equal(7, Serializer.Deserialize<OlderProgress>(sent)!.Step);
    }

    private static bool IsSent(Type type) =>
        type.GetCustomAttribute<GenerateSerializerAttribute>() is not null && type is { IsAbstract: false, IsGenericTypeDefinition: false };

    private static string? AliasOf(Type type) => type.GetCustomAttribute<AliasAttribute>()?.Alias;

    private static bool Describes(string file, IReadOnlyList<string> lines) => File.ReadAllLines(file)[1..].SequenceEqual(lines);
}

/// <summary>A message as an older version knows it.</summary>
[GenerateSerializer]
public sealed record OlderProgress([property: Id(0)] long Step);

/// <summary>The same, with a field more.</summary>
[GenerateSerializer]
public sealed record NewerProgress([property: Id(0)] long Step, [property: Id(1)] string Activity);
