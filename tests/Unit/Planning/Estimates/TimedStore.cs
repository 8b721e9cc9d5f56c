using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Estimates;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Unit.Planning.Estimates;

/// <summary>A store in which a plan was computed, with times of a test's choice.</summary>
internal sealed class TimedStore : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TimedStore() => Store = new ArtefactStore(new StoreLayout(_folder.Path), TimeProvider.System);

    public ArtefactStore Store { get; }

    public void Dispose() => _folder.Dispose();

    /// <summary>Publishes every stage of a plan that is not there.</summary>
    /// <param name="seconds">Of a job.</param>
    /// <param name="rate">Of a dictionary's own steps, activation vectors a second.</param>
    public void Compute(ExperimentPlan plan, Func<StageDefinition, double> seconds, Func<DictionaryDefinition, double> rate, string device = "cpu")
    {
        foreach (var job in plan.Stages.Where(stage => !Store.Contains(stage.Key)).GroupBy(stage => stage.Stream ?? stage.Key.Value).ToList())
        {
            foreach (var stage in job)
            {
                Publish(stage, new StageTiming { Device = device, Seconds = seconds(stage.Definition), Job = job.Key, Stages = job.Count() }, rate);
            }
        }
    }

    private void Publish(PlanStage stage, StageTiming timing, Func<DictionaryDefinition, double> rate)
    {
        var work = _folder.Write($"work/{stage.Key}/content", "");
        var folder = Path.GetDirectoryName(work)!;
        ResultJson.Write(Path.Combine(folder, StageTiming.FileName), timing);
        if (stage.Definition is DictionaryStage dictionary)
        {
            ResultJson.Write(Path.Combine(folder, "result.json"), PlainResult.Of(dictionary.Dictionary.FeatureCount, dictionary.Dictionary.Architecture, dictionary.Dictionary.Tokens, rate(dictionary.Dictionary)));
        }

        Store.Publish(stage.Key, stage.Definition.ToJson(), folder);
    }
}
