using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Devices;

namespace Orchestrator.Silo.Stages;

/// <summary>
/// Gives each stage of a job to the runner of its kind; dictionaries of one stream go together. What they read is seen to be
/// what was published first.
/// </summary>
internal sealed class JobRunner(
    TextStages text,
    ModelStages models,
    DictionaryStages dictionaries,
    ImportStages imports,
    ExportStages exports,
    AnalysisStages analyses,
    ArtefactReader artefacts,
    DeviceIdentity device) : IJobRunner
{
    public void Run(JobRequest job, IJobReporter reporter, CancellationToken stop)
    {
        var timed = new TimedReporter(reporter, job, device.Local);
        var stages = job.Stages.Select(stage => new JobPart(stage.Key, StageDefinition.FromJson(stage.DefinitionJson))).ToList();
        foreach (var input in stages.SelectMany(part => part.Definition.DependsOn).Distinct())
        {
            stop.ThrowIfCancellationRequested();
            artefacts.RequireSound(input);
        }

        var stream = stages.Where(part => part.Definition is DictionaryStage).ToList();
        if (stream.Count > 0)
        {
            dictionaries.Run(stream, timed, stop);
        }

        foreach (var part in stages.Except(stream))
        {
            stop.ThrowIfCancellationRequested();
            // What is read and written once has no next time to estimate, and what others read holds only what is theirs.
            RunOne(part, part.Definition is ImportStage or ExportStage ? reporter : timed, stop);
        }
    }

    private void RunOne(JobPart part, IJobReporter reporter, CancellationToken stop)
    {
        switch (part.Definition)
        {
            case TokenizerStage tokenizer:
                text.Train(part.Key, tokenizer, reporter, stop);
                break;
            case TokensStage tokens:
                text.Encode(part.Key, tokens, reporter, stop);
                break;
            case ModelStage model:
                models.Train(part.Key, model, reporter, stop);
                break;
            case RandomTwinStage twin:
                models.Shuffle(part.Key, twin, reporter, stop);
                break;
            case ImportStage import:
                imports.Run(part.Key, import, reporter, stop);
                break;
            case ExportStage export:
                exports.Run(part.Key, export, reporter);
                break;
            case AnalysisStage analysis:
                analyses.Run(part.Key, analysis, reporter, stop);
                break;
            default:
                throw new InvalidDataException($"No runner for a stage of type {part.Definition.GetType().Name}.");
        }
    }
}

/// <summary>A stage of a job, read.</summary>
internal sealed record JobPart(StageKey Key, StageDefinition Definition);
