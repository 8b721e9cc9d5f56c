using System.Text.RegularExpressions;
using Xunit;

namespace Orchestrator.Unit.Architecture;

/// <summary>The walls between the rooms.</summary>
public partial class ArrowsTests
{
    private static readonly string[] Analyses = ["Universality", "FeatureSplitting", "FiniteStateAutomata", "FeatureReport"];
    private static readonly ProjectGraph Graph = ProjectGraph.Read(Repository.Root);

    [Theory]
    [InlineData("Abstractions", "TorchSharp", "a change of TorchSharp must not change the plugin contract")]
    [InlineData("Abstractions", "Microsoft.Orleans.Server", "plugins know nothing of grains")]
    [InlineData("Text", "TorchSharp", "the planner and the client read corpora without loading libtorch")]
    [InlineData("Numerics", "Microsoft.Orleans.Sdk", "numerical code is synchronous and knows no grain")]
    [InlineData("Planning", "Microsoft.Orleans.Sdk", "plans are pure")]
    [InlineData("Planning", "TorchSharp", "plans are made without libtorch")]
    [InlineData("Database", "Microsoft.Orleans.Sdk", "a schema is made and examined without a silo")]
    [InlineData("Contracts", "TorchSharp", "a client knows no tensor")]
    [InlineData("Grains", "TorchSharp", "no tensor error may take the control silo down")]
    [InlineData("Grains", "Numerics", "no tensor error may take the control silo down")]
    [InlineData("Client", "TorchSharp", "the client computes nothing")]
    [InlineData("Client", "Grains", "the client knows contracts, not implementations")]
    [InlineData("Client", "Silo", "the client starts silos as processes")]
    public void Room_DoesNotReach(string room, string forbidden, string why)
    {
        Assert.False(Graph.Reaches(room).Contains(forbidden), $"{room} reaches {forbidden}: {why}.");
    }

    [Fact]
    public void Analyses_AreReferencedByNobody()
    {
        foreach (var project in Graph.Names.Except(Analyses))
        {
            Assert.Empty(Graph.Reaches(project).Intersect(Analyses));
        }
    }

    [Fact]
    public void Analyses_ReachOnlyWhatAnOutsideAuthorHas()
    {
        foreach (var analysis in Analyses)
        {
            Assert.Empty(Graph.Reaches(analysis).Intersect(["Grains", "Contracts", "Planning", "Silo", "Client"]));
        }
    }

    [Fact]
    public void Namespaces_FollowFolders()
    {
        foreach (var room in (string[])["Plugins/Abstractions", "Plugins/Text", "Plugins/Numerics", "Grains", "Silo", "Client"])
        {
            foreach (var path in Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*.cs", SearchOption.AllDirectories))
            {
                var declared = NamespaceDeclaration().Match(File.ReadAllText(path));
                if (!declared.Success)
                {
                    continue; // Program.cs, assembly attributes, build tasks
                }

                var folders = Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(path)!).Split(Path.DirectorySeparatorChar);
                Assert.Contains(folders[^1] is "Ids" ? folders[^2] : folders[^1], declared.Groups[1].Value.Split('.'));
            }
        }
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();
}
