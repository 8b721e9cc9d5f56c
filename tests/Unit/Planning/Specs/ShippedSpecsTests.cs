using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Plugins;
using Orchestrator.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Specs;

public sealed class ShippedSpecsTests
{
    /// <summary>Beside the repository on some machines; relative to the specs.</summary>
    public const string SharedData = "../../shared/data";

    public static TheoryData<string> Specs { get; } =
        [.. Directory.GetFiles(Repository.Experiments, "*.yaml").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Specs))]
    public void Plan_OfEverySpecInExperiments_HasNoProblem(string name) => Plan(name, TestPlugins.Catalog);

    [Theory]
    [MemberData(nameof(Specs))]
    public void Plan_OfEverySpecInExperiments_HasNoProblemWithTheBuiltPlugins(string name)
    {
        var plugins = PluginCatalog.Read(Path.Combine(Repository.Root, "artifacts", "plugins", Configuration));
        Assert.SkipUnless(TestPlugins.Catalog.Analyses.Keys.All(plugins.Analyses.ContainsKey), "The built-in analyses have not been built.");

        Plan(name, plugins);
    }

    [Fact]
    public void Plan_OfTheQuickstart_IsTheMainJob()
    {
        var plan = Plan("quickstart.yaml", TestPlugins.Catalog);

        Assert.Equal(2, plan.Stages.Count(stage => stage.Definition is ModelStage));
        Assert.Single(plan.Stages, stage => stage.Definition is RandomTwinStage);
        Assert.Equal(9, plan.Stages.Count(stage => stage.Definition is DictionaryStage));
        Assert.Equal(3, plan.Stages.Select(stage => stage.Stream).OfType<string>().Distinct().Count());
        Assert.Equal(
            [("universality", 4), ("feature-splitting", 2), ("finite-state-automata", 8), ("feature-report", 8)],
            plan.Stages.Select(stage => stage.Definition).OfType<AnalysisStage>().GroupBy(stage => stage.Kind).Select(group => (group.Key, group.Count())));
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Name.Split('_')[0];

    private static ExperimentPlan Plan(string name, PluginCatalog plugins)
    {
        var isThere = Directory.Exists(Path.Combine(Repository.Experiments, SharedData));
        var needsIt = File.ReadAllText(Path.Combine(Repository.Experiments, name)).Contains(SharedData, StringComparison.Ordinal);
        Assert.SkipWhen(needsIt && !isThere, $"{SharedData} is not on this machine.");
        var reading = SpecReader.ReadFile(Path.Combine(Repository.Experiments, name), plugins);
        Assert.Empty(reading.Problems);
        return Planner.Plan(reading.Spec!, plugins, _ => "fingerprint");
    }
}
