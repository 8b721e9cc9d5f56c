using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Planning.Plans;

/// <summary>Collects stages, each once.</summary>
internal sealed class PlanBuilder
{
    private readonly List<PlanStage> _stages = [];
    private readonly HashSet<StageKey> _keys = [];

    public IReadOnlyList<PlanStage> Stages => _stages;

    /// <summary>Adds a stage after those it depends on; a stage that is there already is not added again.</summary>
    public StageKey Add(StageDefinition definition, string label, long work, string? stream = null, EarlyStop? earlyStop = null)
    {
        var key = StageAddress.Of(definition);
        if (_keys.Add(key))
        {
            _stages.Add(new PlanStage(key, label, definition, stream, work) { EarlyStop = earlyStop });
        }

        return key;
    }
}
