using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Contracts.Runs;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Runs;

/// <summary>The run of a model or of a dictionary: long, with checkpoints.</summary>
[GrainType("training-run")]
public sealed class TrainingRunGrain(
    [PersistentState("training-run")] IPersistentState<StageRunState> state,
    ArtefactStore store,
    IOptions<RunOptions> options,
    TimeProvider time,
    ILogger<TrainingRunGrain> logger) : StageRunGrain(state, store, options, time, logger), ITrainingRunGrain;
