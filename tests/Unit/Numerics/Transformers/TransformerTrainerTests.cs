using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Unit.Numerics.Harvest;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Transformers;

public sealed class TransformerTrainerTests : IDisposable
{
    private const int Vocabulary = 17;

    private static readonly TransformerDefinition Architecture = new() { ModelDim = 8, MlpDim = 20, Heads = 2, ContextLength = 6 };

    private static readonly TransformerTrainingDefinition Training = new()
    {
        Tokens = 1_200,
        BatchContexts = 4,
        LearningRate = 5e-3,
        WarmupSteps = 5,
    };

    private readonly TokenArray _train = TokenArray.Markov(2_000, Vocabulary, 6);
    private readonly string _folder = Directory.CreateTempSubdirectory("trainer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, "relu", "layer-norm")]
    [InlineData(2, "gelu", "layer-norm")]
    [InlineData(1, "gelu-tanh", "rms-norm")]
    public void Gradients_AgreeWithFiniteDifferences(int layers, string activation, string normalisation)
    {
        using var model = TransformerTests.Randomised(
            Architecture with { Layers = layers, Activation = activation, Normalisation = normalisation });
        using var trainer = new TransformerTrainer(model, Training, _train, 1);
        long[][] windows = [[1, 2, 3, 4, 5, 6, 7], [3, 3, 9, 16, 0, 2, 1]];
        using var tokens = tensor(windows.SelectMany(window => window).ToArray()).view(2, 7);
        var gradients = trainer.GradientsOf(tokens);

        // Differences of the reference in doubles: steps so small that no ReLU switches on the way.
        var reference = new ReferenceTransformer(model);
        Assert.Equal(reference.Loss(windows), trainer.ReadLoss(0), 1e-4);
        var random = new SeededRandom(2);
        foreach (var name in model.ParameterNames)
        {
            var gradient = HostMemory.ToSingles(gradients[name]);
            var norm = Math.Sqrt(gradient.Sum(value => (double)value * value));

            // Along the gradient itself, which weighs every entry, and along random directions, which a wrong gradient of
            // the right length does not survive.
            double[][] directions =
            [
                Array.ConvertAll(gradient, value => value / Math.Max(norm, 1e-9)),
                Array.ConvertAll(gradient, _ => random.NextGaussian()),
                Array.ConvertAll(gradient, _ => random.NextGaussian()),
            ];
            foreach (var direction in directions)
            {
                var expected = Slope(reference, name, direction, windows);
                var actual = gradient.Zip(direction, (g, d) => g * d).Sum();
                Assert.True(Math.Abs(expected - actual) <= 1e-5 + (1e-3 * norm), $"{name}: {actual} for {expected}");
            }
        }
    }

    [Fact]
    public void Step_LearnsWhatThereIsToLearn()
    {
        using var model = new Transformer(Architecture, Vocabulary, CPU, 1);
        using var trainer = new TransformerTrainer(model, Training with { Tokens = 24_000 }, _train, 1);
        var validation = TokenArray.Markov(1_200, Vocabulary, 60);
        var before = ModelEvaluator.ValidationLoss(model, validation, 1_200);

        while (trainer.StepIndex < trainer.Steps)
            trainer.Step();

        // The source's entropy: 0.7 + 0.3/V on one token, 0.3/V on each other.
        const double Sure = 0.7 + (0.3 / Vocabulary);
        const double Other = 0.3 / Vocabulary;
        var entropy = -(Sure * Math.Log(Sure)) - ((Vocabulary - 1) * Other * Math.Log(Other));
        Assert.InRange(before, Math.Log(Vocabulary) - 0.1, Math.Log(Vocabulary) + 0.5);
        Assert.InRange(ModelEvaluator.ValidationLoss(model, validation, 1_200), entropy - 0.1, entropy + 0.25);
    }

    [Fact]
    public void Steps_CoverTheTokensAskedFor()
    {
        using var model = new Transformer(Architecture, Vocabulary, CPU, 1);
        using var trainer = new TransformerTrainer(model, Training with { Tokens = 25 }, _train, 1);

        Assert.Equal(2, trainer.Steps);
        var first = trainer.Step();
        Assert.Equal(24, first.TokensSeen);
        Assert.True(double.IsFinite(first.Loss));
        trainer.Step();
        Assert.Throws<InvalidOperationException>(() => first.Loss);
        Assert.Throws<InvalidOperationException>(() => trainer.Step());
    }

    [Fact]
    public void LearningRate_RisesThenFallsToATenth()
    {
        using var model = new Transformer(Architecture, Vocabulary, CPU, 1);
        using var trainer = new TransformerTrainer(model, Training with { LearningRate = 1 / 1024.0 }, _train, 1);
        var rates = new List<double>();
        while (trainer.StepIndex < trainer.Steps)
            rates.Add(trainer.Step().LearningRate);

        Assert.Equal(1 / 1024.0, rates.Max());
        Assert.Equal(5, rates.IndexOf(rates.Max()));
        Assert.Equal(rates.Take(6).Order(), rates.Take(6));
        Assert.Equal(rates.Skip(5).OrderDescending(), rates.Skip(5));
        Assert.InRange(rates[^1], 0.1 / 1024, 0.11 / 1024);
    }

    [Fact]
    public void Resume_GivesTheSameBitsAsNoInterruption()
    {
        using var whole = new Transformer(Architecture, Vocabulary, CPU, 1);
        using (var trainer = new TransformerTrainer(whole, Training, _train, 9))
            Run(trainer, (int)trainer.Steps);

        using var interrupted = new Transformer(Architecture, Vocabulary, CPU, 1);
        using (var trainer = new TransformerTrainer(interrupted, Training, _train, 9))
        {
            Run(trainer, 17);
            trainer.SaveCheckpoint(_folder);
            Run(trainer, 5); // lost in the crash
        }

        using var resumed = new Transformer(Architecture, Vocabulary, CPU, 77);
        using (var trainer = new TransformerTrainer(resumed, Training, _train, 9))
        {
            trainer.Resume(_folder);
            Assert.Equal(17, trainer.StepIndex);
            Run(trainer, (int)(trainer.Steps - 17));
        }

        foreach (var name in whole.ParameterNames)
            Assert.Equal(HostMemory.ToSingles(whole.Parameter(name)), HostMemory.ToSingles(resumed.Parameter(name)));
    }

    [Fact]
    public void Resume_RefusesAnotherTraining()
    {
        using var model = new Transformer(Architecture, Vocabulary, CPU, 1);
        using (var trainer = new TransformerTrainer(model, Training, _train, 9))
            trainer.SaveCheckpoint(_folder);

        using var other = new TransformerTrainer(model, Training, _train, 10);
        using var faster = new TransformerTrainer(model, Training with { LearningRate = 1 }, _train, 9);

        Assert.Contains("seed", Assert.Throws<InvalidDataException>(() => other.Resume(_folder)).Message);
        Assert.Contains("training", Assert.Throws<InvalidDataException>(() => faster.Resume(_folder)).Message);
    }

    [Fact]
    public void Step_ReportsDivergence()
    {
        using var model = new Transformer(Architecture, Vocabulary, CPU, 1);
        HostMemory.Singles(model.Parameter("ln_final.w"))[0] = float.NaN;
        using var trainer = new TransformerTrainer(model, Training, _train, 1);

        var exception = Assert.Throws<DivergedException>(() => Run(trainer, (int)trainer.Steps));

        Assert.True(double.IsNaN(exception.Loss));
        Assert.Throws<DivergedException>(() => trainer.SaveCheckpoint(_folder));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Step_LeavesNothingBehind()
    {
        using var model = new Transformer(Architecture, Vocabulary, CPU, 1);
        using var trainer = new TransformerTrainer(model, Training, _train, 1);
        Run(trainer, 2);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run(trainer, 10);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Constructor_RefusesImpossibleDefinitions()
    {
        using var model = new Transformer(Architecture, Vocabulary, CPU, 1);

        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerTrainer(model, Training with { BatchContexts = 0 }, _train, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerTrainer(model, Training with { LearningRate = 0 }, _train, 1));
        Assert.Throws<ArgumentException>(() => new TransformerTrainer(model, Training, new TokenArray(new int[6]), 1));
    }

    private static void Run(TransformerTrainer trainer, int steps)
    {
        for (var i = 0; i < steps; i++)
            trainer.Step();
    }

    private static double Slope(ReferenceTransformer reference, string name, double[] direction, long[][] windows)
    {
        const double Step = 1e-6;
        var original = reference.Parameters[name];
        var (ahead, behind) = (LossAt(Step), LossAt(-Step));
        reference.Parameters[name] = original;
        return (ahead - behind) / (2 * Step);

        double LossAt(double length)
        {
            reference.Parameters[name] = [.. original.Zip(direction, (value, d) => value + (length * d))];
            return reference.Loss(windows);
        }
    }
}
