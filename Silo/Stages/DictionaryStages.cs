using System.Diagnostics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Runs;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Transformers;

namespace Orchestrator.Silo.Stages;

/// <summary>Trains all dictionaries of one stream together: activations are harvested once and feed every trainer.</summary>
internal sealed class DictionaryStages(StageInputs inputs, DictionaryMeasuring measuring, DictionaryPublisher publisher)
{
    /// <summary>Vectors for the geometric median; it converges long before the paper's whole dataset.</summary>
    private const int MedianSample = 8_192;

    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(500);

    /// <param name="parts">Dictionary stages of equal model, harvest and batch size: one stream (the plan sees to it).</param>
    public void Run(IReadOnlyList<JobPart> parts, IJobReporter reporter, CancellationToken stop)
    {
        var first = (DictionaryStage)parts[0].Definition;
        using var model = inputs.Model(first.Model);
        using var train = inputs.TrainTokens(first.Tokens);
        var runs = new List<DictionaryRun>();
        try
        {
            foreach (var part in parts)
            {
                runs.Add(DictionaryRun.Open(part, model, reporter));
            }

            using (var stream = new ActivationStream(model, first.Harvest, train))
            {
                Train(runs, stream, model, reporter, stop);
            }

            stop.ThrowIfCancellationRequested();
            publisher.Publish([.. runs.Where(run => run.IsTrained)], model, reporter, stop);
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    }

    /// <summary>
    /// The stream is the same for every dictionary from its beginning, so a trainer simply waits until the stream comes to
    /// its own next step: those resumed from a later checkpoint, or added to the sweep afterwards, end in the same bits.
    /// </summary>
    private void Train(IReadOnlyList<DictionaryRun> runs, ActivationStream stream, Transformer model, IJobReporter reporter, CancellationToken stop)
    {
        var batchSize = runs[0].Trainer.Definition.BatchSize;
        var step = runs.Min(run => run.Trainer.StepIndex);
        stream.SeekTo(step * batchSize);
        var reported = Stopwatch.GetTimestamp();
        for (; ; step++)
        {
            try
            {
                stop.ThrowIfCancellationRequested();
                MeasureAtRungs(runs, step, model, reporter, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                CheckpointAll(runs, reporter);
                throw;
            }

            if (!runs.Any(run => run.IsTraining))
            {
                break;
            }

            using var batch = stream.Next(batchSize);
            foreach (var run in runs.Where(run => run.IsTraining && run.Trainer.StepIndex == step))
            {
                StepOne(run, stream, batch, reporter);
            }

            if (Stopwatch.GetElapsedTime(reported) > ReportEvery)
            {
                reported = Stopwatch.GetTimestamp();
                ReportAll(runs, reporter);
            }
        }
    }

    /// <summary>
    /// The checkpoint comes first: what waits goes on from there, and what is lost before its report is measured again from
    /// there, to the same values. The others of the stream go on without those that wait.
    /// </summary>
    private void MeasureAtRungs(IReadOnlyList<DictionaryRun> runs, long step, Transformer model, IJobReporter reporter, CancellationToken stop)
    {
        var due = runs.Where(run => run.IsAtRung && run.Trainer.StepIndex == step).ToList();
        due.ForEach(run => run.Checkpoint(reporter));
        foreach (var (run, _, result) in measuring.Measure(due, model, reporter, stop))
        {
            run.ReportRung(result, reporter);
        }
    }

    private static void StepOne(DictionaryRun run, ActivationStream stream, ActivationBatch batch, IJobReporter reporter)
    {
        var trainer = run.Trainer;
        try
        {
            if (trainer.StepIndex == 0)
            {
                using var sample = stream.Buffered(MedianSample);
                trainer.Initialise(sample.Targets);
            }

            trainer.Step(batch.Inputs, batch.Targets);
            run.Measure();
            if (trainer.WantsResampling)
            {
                using var candidates = stream.Buffered(trainer.Definition.Resampling.Candidates);
                trainer.Resample(candidates.Inputs, candidates.Targets);
            }
        }
        catch (DivergedException exception)
        {
            run.HasFailed = true; // the others of the stream go on
            reporter.Fail(run.Key, FailureClass.Diverged, exception.Message);
            return;
        }

        if (trainer.StepIndex % trainer.Definition.CheckpointEvery == 0 && run.IsTraining)
        {
            run.Checkpoint(reporter);
        }
    }

    private static void CheckpointAll(IReadOnlyList<DictionaryRun> runs, IJobReporter reporter)
    {
        foreach (var run in runs.Where(run => run.IsTraining && run.Trainer.StepIndex > 0))
        {
            run.Checkpoint(reporter);
        }
    }

    private static void ReportAll(IReadOnlyList<DictionaryRun> runs, IJobReporter reporter)
    {
        foreach (var run in runs.Where(run => run.IsTraining))
        {
            run.Report(reporter);
        }
    }
}
