using System.Globalization;

namespace Orchestrator.Simulation;

/// <summary>The command line.</summary>
internal sealed record ProgramOptions
{
    public const string Usage = """
        A simulated week on a cluster that several people share, under the real scheduling code

          --seed 1       equal seeds give equal weeks
          --small        96 devices and 6,000 runs instead of 1,000 and 100,000
          --out DIR      where shares.svg, shares.png and simulation.json go; default: results beside this program's sources
        """;

    public int Seed { get; init; } = 1;

    public bool Small { get; init; }

    public string Out { get; init; } = Path.Combine("tests", "Simulation", "results");

    /// <exception cref="FormatException">An option is unknown or its value is missing or not a number.</exception>
    public static ProgramOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new ProgramOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            options = arguments[i] switch
            {
                "--small" => options with { Small = true },
                "--seed" => options with { Seed = Whole(Value(arguments, ++i)) },
                "--out" => options with { Out = Value(arguments, ++i) },
                var other => throw new FormatException($"{other} is none of --seed, --small, --out."),
            };
        }

        return options;
    }

    private static string Value(IReadOnlyList<string> arguments, int index) =>
        index < arguments.Count ? arguments[index] : throw new FormatException($"{arguments[index - 1]} needs a value.");

    private static int Whole(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new FormatException($"--seed is '{text}'; it can be a whole number.");
}
