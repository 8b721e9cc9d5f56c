using System.Runtime.InteropServices;
using Orchestrator.Contracts.Runs;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Text.Corpus;

namespace Orchestrator.Silo.Stages;

/// <summary>What an exception says about the next attempt.</summary>
internal static class FailureClasses
{
    public static FailureClass Of(Exception exception) => exception switch
    {
        DivergedException => FailureClass.Diverged,
        OutOfMemoryException => FailureClass.OutOfMemory,
        ExternalException when IsOutOfMemory(exception.Message) => FailureClass.OutOfMemory,
        CorpusException or InvalidDataException or FileNotFoundException or DirectoryNotFoundException => FailureClass.BadData,
        IOException => FailureClass.Infrastructure, // a full or vanished disk: worth another attempt
        _ => FailureClass.Internal,
    };

    /// <summary>libtorch has no type for it; its CPU and CUDA allocators say these.</summary>
    private static bool IsOutOfMemory(string message) =>
        message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase);
}
