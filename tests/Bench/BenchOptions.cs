using System.Globalization;

namespace Orchestrator.Bench;

/// <summary>What a benchmark's command line says.</summary>
internal sealed record BenchOptions
{
    public IReadOnlyList<int> Features { get; init; } = [512, 4_096, 16_384];

    public int Dim { get; init; } = 512;

    public int Batch { get; init; } = 2_048;

    /// <summary>Active features per token to arrange.</summary>
    public double L0 { get; init; } = 32;

    /// <summary>Measured rounds, each with one step of every contestant.</summary>
    public int Rounds { get; init; } = 7;

    /// <exception cref="FormatException">An option is unknown or its value is not a number.</exception>
    public static BenchOptions Parse(IEnumerable<string> arguments)
    {
        var options = new BenchOptions();
        foreach (var pair in arguments.Chunk(2))
        {
            if (pair.Length != 2) throw new FormatException($"{pair[0]} needs a value.");
            options = pair[0] switch
            {
                "--features" => options with { Features = [.. pair[1].Split(',').Select(Whole)] },
                "--dim" => options with { Dim = Whole(pair[1]) },
                "--batch" => options with { Batch = Whole(pair[1]) },
                "--l0" => options with { L0 = double.Parse(pair[1], CultureInfo.InvariantCulture) },
                "--rounds" => options with { Rounds = Whole(pair[1]) },
                _ => throw new FormatException($"{pair[0]} is unknown."),
            };
        }

        return options;
    }

    public static int Explain()
    {
        Console.WriteLine("""
            Bench step       dense autograd step, this trainer's step and the encoder's matrix product alone
            Bench crossover  the trainer's dense and sparse paths by share of active pairs
            Bench transformer  training a transformer, and the same model in modules
            Bench harvest    filling and serving a stream of activations, and training the same model

              --features 512,4096,16384   dictionary sizes
              --dim 512 --batch 2048      shape of a batch
              --l0 32                     active features per token (step)
              --rounds 7                  interleaved rounds; medians are printed

            transformer and harvest:
              --layers 1 --model-dim 128 --mlp-dim 512 --heads 4 --context 128 --vocabulary 2048
              --contexts 8,32             contexts of a training batch
              --hooks A,B>C               hook points (harvest): of streams, and of a stream with targets
              --rounds 9
            """);
        return 2;
    }

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
