using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Contracts.Runs;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Runs;

/// <summary>The run of a tokenizer, of tokens or of an analysis: short, repeated whole when its device is lost.</summary>
[GrainType("computation-run")]
public sealed class ComputationRunGrain(
    [PersistentState("computation-run")] IPersistentState<StageRunState> state,
    ArtefactStore store,
    IOptions<RunOptions> options,
    TimeProvider time,
    ILogger<ComputationRunGrain> logger) : StageRunGrain(state, store, options, time, logger), IComputationRunGrain;
