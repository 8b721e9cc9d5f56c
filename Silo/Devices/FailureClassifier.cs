using System.Runtime.InteropServices;
using System.Text.Json;
using Orchestrator.Contracts.Runs;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Silo.Plugins;
using Orchestrator.Silo.Stages;
using Orchestrator.Text.Corpus;

namespace Orchestrator.Silo.Devices;

/// <summary>Gives an exception of a job its class.</summary>
internal static class FailureClassifier
{
    public static RunOutcome Classify(Exception exception) => exception switch
    {
        StageFailedException stage => RunOutcome.Failed(stage.Failure, stage.Message),
        DivergedException => RunOutcome.Failed(FailureClass.Diverged, exception.Message),
        PluginLoadException => RunOutcome.Failed(FailureClass.Plugin, exception.Message),
        CorpusException => RunOutcome.Failed(FailureClass.BadData, exception.Message),
        OutOfMemoryException => RunOutcome.Failed(FailureClass.OutOfMemory, exception.Message),
        ExternalException when IsAllocationFailure(exception.Message) =>
            RunOutcome.Failed(FailureClass.OutOfMemory, FirstLine(exception.Message)),
        FileNotFoundException or DirectoryNotFoundException or InvalidDataException or JsonException =>
            RunOutcome.Failed(FailureClass.BadData, exception.Message),
        // A full or vanished disk: another attempt may find it well again.
        IOException or UnauthorizedAccessException => RunOutcome.Failed(FailureClass.Infrastructure, exception.Message),
        _ => RunOutcome.Failed(FailureClass.Internal, $"{exception.GetType().Name}: {FirstLine(exception.Message)}"),
    };

    /// <summary>libtorch reports a failed allocation only in words: of CUDA, then of its CPU allocator.</summary>
    private static bool IsAllocationFailure(string message) =>
        message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase);

    /// <summary>libtorch's messages go on with a native stack, which is in the log.</summary>
    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd('\r');
}
