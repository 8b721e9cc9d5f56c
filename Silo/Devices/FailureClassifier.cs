using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Orchestrator.Contracts.Runs;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Plugins;
using Orchestrator.Silo.Stages;
using Orchestrator.Text.Corpus;

namespace Orchestrator.Silo.Devices;

/// <summary>Gives an exception of a job its class.</summary>
internal static class FailureClassifier
{
    // Numbers of the system: a write that failed carries them.
    private const int NoSpace = 28;
    private const int NoQuota = 122;
    private const double Gibibyte = 1L << 30;

    public static RunOutcome Classify(Exception exception) => exception switch
    {
        StageFailedException stage => RunOutcome.Failed(stage.Failure, stage.Message),
        DivergedException => RunOutcome.Failed(FailureClass.Diverged, exception.Message),
        PluginLoadException => RunOutcome.Failed(FailureClass.Plugin, exception.Message),
        CorpusException => RunOutcome.Failed(FailureClass.BadData, exception.Message),
        ArtefactCorruptException => RunOutcome.Failed(FailureClass.TornArtefact, exception.Message),
        _ when IsOutOfMemory(exception) => OutOfMemory(exception),
        FileNotFoundException or DirectoryNotFoundException or InvalidDataException or JsonException =>
            RunOutcome.Failed(FailureClass.BadData, exception.Message),
        IOException when IsDiskFull(exception) => RunOutcome.Failed(FailureClass.DiskFull, exception.Message),
        // A vanished disk: another attempt may find it well again.
        IOException or UnauthorizedAccessException => RunOutcome.Failed(FailureClass.Infrastructure, exception.Message),
        _ => RunOutcome.Failed(FailureClass.Internal, $"{exception.GetType().Name}: {FirstLine(exception.Message)}"),
    };

    /// <summary>Whether a write found no room, here or in the state's database.</summary>
    public static bool IsDiskFull(Exception exception) =>
        exception is IOException && (exception.HResult is NoSpace or NoQuota || exception.Message.Contains("the disk is full", StringComparison.Ordinal));

    /// <summary>What was needed stands in the message, of libtorch at least; what was there is added.</summary>
    private static RunOutcome OutOfMemory(Exception exception)
    {
        var memory = GC.GetGCMemoryInfo();
        return RunOutcome.Failed(FailureClass.OutOfMemory, string.Create(
            CultureInfo.InvariantCulture,
            $"{FirstLine(exception.Message)} (this process held {Environment.WorkingSet / Gibibyte:0.00} GiB; it may use {memory.TotalAvailableMemoryBytes / Gibibyte:0.00} GiB of this host)"));
    }

    /// <summary>Whether an exception says that memory ran out.</summary>
    public static bool IsOutOfMemory(Exception exception) =>
        exception is OutOfMemoryException || (exception is ExternalException && IsAllocationFailure(exception.Message));

    /// <summary>libtorch reports a failed allocation only in words: of CUDA, then of its CPU allocator.</summary>
    private static bool IsAllocationFailure(string message) =>
        message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase);

    /// <summary>libtorch's messages go on with a native stack, which is in the log.</summary>
    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd('\r');
}
