using System.Text.Json;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>The whole product on a tiny spec, as real processes.</summary>
[Collection(SmokeCollection.Name)]
public sealed class SmokeTests(SmokeExperiment smoke)
{
    private JsonElement Summary => smoke.First.Json;

    private string FirstDictionary => Summary.GetProperty("dictionaries")[0].GetProperty("id").GetString()!;

    [Fact]
    public void Run_CompletesAndPrintsTheSummaryThatTheStoreHolds()
    {
        Assert.Equal("completed", Summary.GetProperty("status").GetString());
        Assert.Equal(0, Summary.GetProperty("cached_stages").GetInt32());
        Assert.Equal(3, Summary.GetProperty("models").GetArrayLength());
        Assert.Equal(5, Summary.GetProperty("dictionaries").GetArrayLength());
        Assert.Equal(
            ["feature-report", "feature-splitting", "finite-state-automata", "universality"],
            Summary.GetProperty("analyses").EnumerateArray().Select(a => a.GetProperty("kind").GetString()!).Distinct().Order());
        var folder = Path.Combine(smoke.Store.Root, "experiments", Summary.GetProperty("id").GetString()!);
        Assert.Equal(smoke.FirstSummary.Trim(), smoke.First.Output.Trim());
        Assert.Contains("<h2>Analyses</h2>", File.ReadAllText(Path.Combine(folder, "report.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models", new[] { "id", "seed", "random_weights", "parameters", "tokens_trained", "validation_loss", "bigram_loss" })]
    [InlineData("dictionaries", new[] { "id", "model", "feature_count", "architecture", "l0", "explained_variance", "loss_original", "loss_zero", "loss_spliced", "loss_recovered", "dead_features", "ultralow_density_features", "tokens_seen", "tokens_per_second" })]
    [InlineData("analyses", new[] { "kind", "plugin", "inputs", "status", "metrics", "null_metrics", "artefacts" })]
    public void Summary_HasThePromisedProperties(string list, string[] properties) => Assert.All(
        Summary.GetProperty(list).EnumerateArray(),
        item => Assert.All(properties, property => Assert.True(item.TryGetProperty(property, out _), $"{list} has no {property}")));

    [Fact]
    public void Analyses_NameFilesThatAreInTheStore() => Assert.All(
        Summary.GetProperty("analyses").EnumerateArray().SelectMany(a => a.GetProperty("artefacts").EnumerateArray()),
        path => Assert.True(File.Exists(Path.Combine(smoke.Store.Root, path.GetString()!)), $"{path} is missing"));

    [Fact]
    public async Task Run_Again_ComputesNothing()
    {
        await using var again = await ClientProcess.Run("run", Repository.Spec("smoke.yaml"), "--store", smoke.Store.Root, "--json");
        Assert.True(await again.WaitForExit() == 0, again.Transcript);
        Assert.Equal(0, again.Json.GetProperty("computed_stages").GetInt32());
        Assert.Equal(Summary.GetProperty("computed_stages").GetInt32(), again.Json.GetProperty("cached_stages").GetInt32());
    }

    [Fact]
    public async Task Plan_AfterwardsFindsEverythingCached()
    {
        await using var plan = await ClientProcess.Run("plan", Repository.Spec("smoke.yaml"), "--store", smoke.Store.Root, "--json");
        Assert.True(await plan.WaitForExit() == 0, plan.Transcript);
        Assert.All(plan.Json.GetProperty("stages").EnumerateArray(), stage => Assert.True(stage.GetProperty("cached").GetBoolean()));
    }

    [Fact]
    public async Task Plan_OfAnExtendedSpec_EstimatesByWhatWasMeasured()
    {
        var text = Repository.Edit(File.ReadAllText(Repository.Spec("smoke.yaml")), ("feature_count: [128, 256]", "feature_count: [128, 256, 320]"));
        await using var plan = await ClientProcess.Run("plan", smoke.Store.Write("estimated.yaml", text), "--store", smoke.Store.Root, "--json");
        Assert.True(await plan.WaitForExit() == 0, plan.Transcript);
        var estimate = plan.Json.GetProperty("estimates").GetProperty("cpu");
        Assert.Equal(0, estimate.GetProperty("unknown_stages").GetInt32());
        Assert.InRange(estimate.GetProperty("longest_chain_seconds").GetDouble(), 1e-3, estimate.GetProperty("seconds").GetDouble());
        Assert.All(
            plan.Json.GetProperty("stages").EnumerateArray().Where(stage => !stage.GetProperty("cached").GetBoolean()),
            stage => Assert.True(stage.GetProperty("seconds").GetProperty("cpu").GetDouble() > 0));
        Assert.All(
            plan.Json.GetProperty("jobs").EnumerateArray().Where(job => job.TryGetProperty("stream", out _)),
            job => Assert.True(job.GetProperty("memory_bytes").GetInt64() > 8_192 * 128 * 4)); // more than the buffer
    }

    [Fact]
    public async Task Diff_OfAnExtendedSpec_NamesWhatComesAndWhatGoes()
    {
        var text = Repository.Edit(File.ReadAllText(Repository.Spec("smoke.yaml")), ("feature_count: [128, 256]", "feature_count: [128, 256, 320]"));
        await using var diff = await ClientProcess.Run("diff", smoke.Store.Write("extended.yaml", text), "--store", smoke.Store.Root, "--json");
        Assert.True(await diff.WaitForExit() == 0, diff.Transcript);
        Assert.Equal(Summary.GetProperty("id").GetString(), diff.Json.GetProperty("against").GetString());
        var added = diff.Json.GetProperty("added").EnumerateArray().Select(stage => stage.GetProperty("label").GetString()!).ToList();
        Assert.Equal(2, added.Count(label => label.StartsWith("dictionary 320 ", StringComparison.Ordinal))); // a model each
        Assert.All(diff.Json.GetProperty("removed").EnumerateArray(), stage => Assert.StartsWith("feature-splitting of 128 → 256 on", stage.GetProperty("label").GetString(), StringComparison.Ordinal));
        Assert.Equal(2, diff.Json.GetProperty("removed").GetArrayLength());
    }

    [Fact]
    public async Task Collect_FindsNothing_WhereAllIsReferredTo()
    {
        await using var gc = await ClientProcess.Run("gc", "--store", smoke.Store.Root, "--json");
        Assert.True(await gc.WaitForExit() == 0, gc.Transcript);
        Assert.Equal((0, 0), (gc.Json.GetProperty("artefacts").GetArrayLength(), gc.Json.GetProperty("forgotten").GetArrayLength()));
    }

    [Fact]
    public async Task Show_ByPrefix_ShowsTheExperiment()
    {
        await using var show = await ClientProcess.Run("show", "smoke", "--store", smoke.Store.Root);
        Assert.True(await show.WaitForExit() == 0, show.Transcript);
        Assert.Contains(Summary.GetProperty("id").GetString()!, show.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Features_ListsTheCatalogueSorted()
    {
        await using var features = await ClientProcess.Run("features", FirstDictionary, "--sort", "density", "--limit", "5", "--store", smoke.Store.Root, "--json");
        Assert.True(await features.WaitForExit() == 0, features.Transcript);
        var densities = features.Json.GetProperty("features").EnumerateArray().Select(f => f.GetProperty("density").GetDouble()).ToList();
        Assert.Equal(5, densities.Count);
        Assert.Equal(densities.OrderDescending(), densities);
    }

    [Fact]
    public async Task Note_IsShownWithItsFeature()
    {
        var feature = $"{FirstDictionary["dictionary-".Length..]}/0";
        await using var note = await ClientProcess.Run("note", feature, "fires on [bold]dots[/]", "--store", smoke.Store.Root);
        Assert.True(await note.WaitForExit() == 0, note.Transcript);
        await using var shown = await ClientProcess.Run("feature", feature, "--store", smoke.Store.Root);
        Assert.True(await shown.WaitForExit() == 0, shown.Transcript);
        Assert.Contains("fires on [bold]dots[/]", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Features_OfAnUnknownDictionary_NamesTheNearest()
    {
        await using var features = await ClientProcess.Run("features", "dictionary-zzz", "--store", smoke.Store.Root);
        Assert.Equal(2, await features.WaitForExit());
        Assert.Contains(FirstDictionary, features.Errors, StringComparison.Ordinal);
    }
}
