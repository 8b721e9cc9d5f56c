using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Specs;

/// <summary>A spec that asks about dictionaries that the store has from elsewhere.</summary>
public sealed class ImportedDictionaryTests : IDisposable
{
    private const string Text = """
        version: 1
        experiment: asks
        corpus: { kind: dotnet-docs }
        tokenizer: { vocabulary_size: 512 }
        model: { seeds: [1] }
        dictionaries: { imported: [mine] }
        analyses: [feature-report]

        """;

    private readonly TemporaryFolder _folder = new();
    private readonly ArtefactStore _store;

    public ImportedDictionaryTests() => _store = new ArtefactStore(new StoreLayout(_folder.Path), TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Plan_HasTheStoredStage_AndAnalysesOfIt()
    {
        var model = Planner.Plan(Spec(Text.Replace("imported: [mine]", "feature_count: 8, tokens: 4096")), TestPlugins.Catalog, "fingerprint")
            .Stages.Single(stage => stage.Definition is ModelStage);
        var imported = Publish(model.Key);
        new DictionaryNames(_store.Layout).Set("mine", new DictionaryId(imported.Value));

        var plan = Planner.Plan(Spec(Text), TestPlugins.Catalog, "fingerprint");

        var stage = plan.Stages.Single(stage => stage.Key == imported);
        Assert.Equal("imported dictionary 16 on model seed 1", stage.Label);
        var analysis = Assert.IsType<AnalysisStage>(plan.Stages[^1].Definition);
        Assert.Equal([imported], analysis.Dictionaries);
        Assert.Equal([model.Key], analysis.Models);
    }

    [Fact]
    public void Plan_RefusesADictionaryOfAnotherModel()
    {
        var imported = Publish(new StageKey("model-000000000000"));
        new DictionaryNames(_store.Layout).Set("mine", new DictionaryId(imported.Value));

        var problem = Assert.Throws<PlanException>(() => Planner.Plan(Spec(Text), TestPlugins.Catalog, "fingerprint")).Message;

        Assert.Contains(imported.Value, problem);
        Assert.Contains("model-000000000000", problem);
    }

    [Fact]
    public void Read_NamesWhatTheStoreLacks()
    {
        new DictionaryNames(_store.Layout).Set("mine", new DictionaryId(Publish(new StageKey("model-000000000000")).Value));

        var problem = Assert.Single(Read(Text.Replace("mine", "mime")).Problems);

        Assert.Equal((6, 27), (problem.Line, problem.Column));
        Assert.Equal("dictionaries.imported: the store has no dictionary 'mime'", problem.Message);
        Assert.Equal("mine", problem.Suggestion);
    }

    [Fact]
    public void Read_WantsTokensWhereSomethingIsTrained()
    {
        var problem = Assert.Single(Read(Text.Replace("imported: [mine]", "feature_count: 8")).Problems);

        Assert.Equal("missing key 'dictionaries.tokens'", problem.Message);
    }

    private SpecReading Read(string text) => SpecReader.ReadText(text, "asks.yaml", _folder.Path, TestPlugins.Catalog, new StoredDictionaries(_store));

    private ExperimentSpec Spec(string text)
    {
        var reading = Read(text);
        return reading.Spec ?? throw new InvalidOperationException(string.Join('\n', reading.Problems));
    }

    /// <summary>An imported dictionary as the store keeps it.</summary>
    private StageKey Publish(StageKey model)
    {
        var stage = new ImportStage(new("tokenizer-000000000000"), new("tokens-000000000000"), model, "/somewhere", "fingerprint", null, new EvaluationDefinition());
        var key = StageAddress.Of(stage);
        var work = Path.Combine(_folder.Path, "work");
        Directory.CreateDirectory(work);
        ResultJson.Write(Path.Combine(work, "result.json"), PlainResult.Of(16, "standard"));
        _store.Publish(key, stage.ToJson(), work);
        return key;
    }
}
