using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Bench.Reporting;
using Orchestrator.Bench.Transformers;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Unit.Numerics;
using static TorchSharp.torch;

namespace Orchestrator.Bench.Dictionaries;

/// <summary>One stream of activations that feeds many dictionaries, against their steps one by one and the harvest alone.</summary>
internal sealed class StreamsBench : IBenchmark
{
    private const int BatchesInBuffer = 8;
    private const double Asked = 1.1;

    // Adam's two moments, the gradients of a step, and its pairs, beside the parameters.
    private const int ParametersInMemory = 5;

    public string Name => "streams";

    public string Summary => "many dictionaries on one stream of activations, against the sum of their steps and the harvest";

    public Report Run(BenchOptions options)
    {
        var sweeps = new (string Name, Member[] Members)[]
        {
            ("sizes 512 to 16,384", [new(512), new(1_024), new(2_048), new(4_096), new(8_192), new(16_384)]),
            ("4 seeds of 4,096", [new(4_096, 1), new(4_096, 2), new(4_096, 3), new(4_096, 4)]),
            ("4 L1 coefficients of 4,096", [new(4_096, 1, 0.002), new(4_096, 1, 0.004), new(4_096, 1, 0.008), new(4_096, 1, 0.016)]),
        };
        var table = new Table(
            "dictionaries", "steps one by one, ms", "harvest, ms", "together, ms", "together / (steps + harvest)", "memory together, MB", "parameters × 5 + buffer, MB", "share of harvest");
        var targets = new List<TargetFigure>();
        foreach (var (name, members) in sweeps)
        {
            var found = Measure(options, members);
            table.Add(
                name, found.Steps, found.Harvest, found.Together, found.Ratio, found.MemoryBytes / 1e6, found.AllowedBytes / 1e6,
                FormattableString.Invariant($"{found.Harvest / found.Together:P0}"));
            targets.Add(TargetFigure.AtMost($"one stream, {name}: together / (sum of steps + harvest)", Asked, found.Ratio, "×"));
            targets.Add(TargetFigure.AtMost($"one stream, {name}: memory / (5 × parameters + buffer)", 1, (double)found.MemoryBytes / found.AllowedBytes, "×"));
        }

        return new Report(
            "One stream, many dictionaries", FormattableString.Invariant($"{options.DictionarySetting}, L0 {options.L0}; times for a buffer of {BatchesInBuffer} batches"), table, targets,
            "Steps one by one: each dictionary alone on the batches of the buffer, which lie in memory. Memory: what the process held more, at its peak, than before the dictionaries and the stream were made.");
    }

    private static Found Measure(BenchOptions options, Member[] members)
    {
        var tokens = new RandomTokens(options.VocabularySize);
        using var model = new Transformer(options.Model with { MlpDim = options.Dim }, options.VocabularySize, CPU, seed: 1);
        var before = ProcessMemory.ResetPeak();
        using var stream = new ActivationStream(model, Harvest(options), tokens);
        var settings = new List<Setting>();
        var trainers = new List<DictionaryTrainer>();
        var batches = new List<ActivationBatch>();
        try
        {
            using var first = stream.Next(options.Batch);
            foreach (var member in members)
            {
                settings.Add(Setting.Create(member, first.Inputs.alias(), options.L0));
                trainers.Add(settings[^1].Trainer(GradientPath.Measured));
            }

            Together(stream, trainers, options.Batch);
            var memory = ProcessMemory.Peak() - before;
            for (var i = 0; i < BatchesInBuffer; i++) batches.Add(stream.Next(options.Batch));
            var medians = Timing.Medians(
                options.Rounds,
                () => Alone(trainers, batches),
                () => Serve(stream, options.Batch),
                () => Together(stream, trainers, options.Batch));
            var parameters = members.Sum(member => member.ParameterBytes(options.Dim));
            return new Found(medians[0], medians[1], medians[2], memory, (ParametersInMemory * parameters) + stream.BufferBytes);
        }
        finally
        {
            batches.ForEach(batch => batch.Dispose());
            trainers.ForEach(trainer => trainer.Dispose());
            settings.ForEach(setting => setting.Dispose());
        }
    }

    private static HarvestDefinition Harvest(BenchOptions options) => new()
    {
        HookPoint = new HookPoint(0, HookPointKind.MlpPost),
        BufferVectors = BatchesInBuffer * options.Batch,
        BatchContexts = 32,
        Seed = 1,
    };

    private static void Alone(List<DictionaryTrainer> trainers, List<ActivationBatch> batches)
    {
        foreach (var trainer in trainers)
            foreach (var batch in batches) trainer.Step(batch.Inputs);
    }

    private static void Serve(ActivationStream stream, int batch)
    {
        for (var i = 0; i < BatchesInBuffer; i++) stream.Next(batch).Dispose();
    }

    private static void Together(ActivationStream stream, List<DictionaryTrainer> trainers, int batchSize)
    {
        for (var i = 0; i < BatchesInBuffer; i++)
        {
            using var batch = stream.Next(batchSize);
            foreach (var trainer in trainers) trainer.Step(batch.Inputs);
        }
    }

    private sealed record Found(double Steps, double Harvest, double Together, long MemoryBytes, long AllowedBytes)
    {
        public double Ratio => Together / (Steps + Harvest);
    }
}
