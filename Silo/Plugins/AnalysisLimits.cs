using System.Globalization;

namespace Orchestrator.Silo.Plugins;

/// <summary>What an analysis may take of the process that runs it, and of the disk.</summary>
public sealed record AnalysisLimits
{
    /// <summary>Seconds, for <see cref="Silence"/>.</summary>
    public const string SilenceVariable = "ORCHESTRATOR_ANALYSIS_SILENCE_SECONDS";

    /// <summary>MiB, for <see cref="OutputBytes"/>.</summary>
    public const string OutputVariable = "ORCHESTRATOR_ANALYSIS_OUTPUT_MIB";

    public static AnalysisLimits Default { get; } = new();

    /// <summary>It is taken to hang when it asked its context for nothing and told no progress for this long. Default: 30 min.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Time to end by itself once it is asked to because it hangs; then its process ends. Default: 10 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of all its files together. Default: 4 GiB.</summary>
    public long OutputBytes { get; init; } = 4L << 30;

    /// <summary>Files that it may write. Default: 10,000.</summary>
    public int OutputFiles { get; init; } = 10_000;

    /// <summary>Characters of its verdict. Default: 4,000.</summary>
    public int VerdictCharacters { get; init; } = 4_000;

    /// <summary>Null metrics that it may give. Default: 1,000.</summary>
    public int NullMetrics { get; init; } = 1_000;

    /// <summary>The defaults, or what this process' environment says.</summary>
    /// <exception cref="ArgumentException">A variable is not a whole number above 0.</exception>
    public static AnalysisLimits FromEnvironment() => new()
    {
        Silence = Number(SilenceVariable) is { } seconds ? TimeSpan.FromSeconds(seconds) : Default.Silence,
        OutputBytes = Number(OutputVariable) is { } mebibytes ? mebibytes << 20 : Default.OutputBytes,
    };

    private static long? Number(string variable)
    {
        const int Most = 1_000_000_000;
        var text = Environment.GetEnvironmentVariable(variable);
        return string.IsNullOrEmpty(text) ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= Most ? number
            : throw new ArgumentException($"{variable} is '{text}'; it can be a whole number from 1 to {Most}.");
    }
}
