using Orchestrator.Abstractions.Results;
using Orchestrator.Client.Display;
using Spectre.Console;
using Xunit;

namespace Orchestrator.Unit.Client;

public sealed class SummaryViewTests
{
    /// <summary>The paper's largest size, with long numbers everywhere.</summary>
    [Fact]
    public void Dictionaries_KeepToALineOf100Columns()
    {
        var shown = Show(Dictionary(recovered: -12.345), width: 100);
        Assert.All(shown, line => Assert.True(line.Length <= 100, line));
        var row = Assert.Single(shown, line => line.Contains("0123456789ab", StringComparison.Ordinal));
        Assert.All(["twin", "131,072", "1234.6", "-12.345", "0.812", "65,536", "12,345", "123,456"], cell => Assert.Contains(cell, row, StringComparison.Ordinal));
    }

    [Fact]
    public void Dictionaries_ShowADashForWhatIsNoNumber()
    {
        var row = Assert.Single(Show(Dictionary(double.NaN), width: null), line => line.Contains("0123456789ab", StringComparison.Ordinal));
        Assert.Equal("–", row.Split('\t')[4]);
    }

    private static string[] Show(DictionarySummary dictionary, int? width)
    {
        var output = new StringWriter();
        IAnsiConsole? terminal = null;
        if (width is { } columns)
        {
            terminal = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
            terminal.Profile.Width = columns;
        }

        var summary = new ExperimentSummary
        {
            Experiment = "wide",
            Id = "wide-1",
            Status = "completed",
            WallSeconds = 1,
            CachedStages = 0,
            ComputedStages = 1,
            Models = [new ModelSummary { Id = dictionary.Model, Seed = 1, RandomWeights = true, Parameters = 1, TokensTrained = 1, ValidationLoss = 1, BigramLoss = 1 }],
            Dictionaries = [dictionary],
            Analyses = [],
        };
        SummaryView.Write(new Screen(terminal is null ? output : TextWriter.Null, TextWriter.Null, terminal), summary, "report.html");
        return output.ToString().Split(Environment.NewLine);
    }

    private static DictionarySummary Dictionary(double recovered) => new()
    {
        Id = "dictionary-0123456789ab",
        Model = "model-ba9876543210",
        FeatureCount = 131_072,
        Architecture = "standard",
        L1Coefficient = 0.004,
        L0 = 1_234.56,
        ExplainedVariance = 0.812,
        LossOriginal = 1,
        LossZero = 2,
        LossSpliced = 1,
        LossRecovered = recovered,
        DeadFeatures = 65_536,
        UltralowDensityFeatures = 12_345,
        DensityHistogram = [],
        TokensSeen = 1,
        TokensPerSecond = 123_456,
        MetricsVersion = 1,
    };
}
