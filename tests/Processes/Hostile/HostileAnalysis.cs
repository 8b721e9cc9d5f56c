using System.Text;
using Orchestrator.Abstractions.Analyses;
using static TorchSharp.torch;

namespace Orchestrator.Hostile;

/// <summary>An analysis that does to the process that runs it what its option <c>deed</c> says.</summary>
public sealed class HostileAnalysis : IAnalysis
{
    private const long TooMuch = 1L << 50;
    private const int Chunk = 64 << 20;

    public AnalysisOutcome Run(IAnalysisContext context, CancellationToken cancellationToken)
    {
        switch (context.Options.GetText("deed"))
        {
            case "abort":
                Abort();
                break;
            case "exit":
                Environment.Exit(3);
                break;
            case "overflow":
                return Overflow(context, 0);
            case "throw":
                throw new InvalidOperationException("no stars tonight " + new string('!', 100_000));
            case "host-memory":
                TakeHostMemory();
                break;
            case "device-memory":
                _ = zeros([TooMuch], ScalarType.Float32);
                break;
            case "hang":
                new ManualResetEventSlim().Wait(CancellationToken.None); // deaf to the token too
                break;
            case "wait":
                cancellationToken.WaitHandle.WaitOne();
                cancellationToken.ThrowIfCancellationRequested();
                break;
            case "print":
                Print(cancellationToken);
                break;
            case "print-line":
                PrintOneLine(cancellationToken);
                break;
            case "files":
                for (var i = 0; ; i++)
                    context.WriteFile($"file-{i}.bin", new byte[1 << 20]);
            case "progress":
                for (var i = 0; i < 1_000_000; i++)
                    context.Progress(i % 2);

                break;
            case "verdict":
                return Outcome(new string('x', 10_000_000));
        }

        return Outcome("It did no harm.");
    }

    private static AnalysisOutcome Outcome(string verdict) =>
        new(new Dictionary<string, double> { ["harm"] = 0 }, new Dictionary<string, double> { ["harm_none"] = 0 }, verdict);

    /// <summary>Shapes that do not fit, in a native function without a handler: libtorch ends the process.</summary>
    private static void Abort()
    {
        using var a = zeros(2, 3);
        using var b = zeros(5, 7);
#pragma warning disable RS0030 // banned because it does this
        using var c = a.matmul(b);
#pragma warning restore RS0030
    }

    private static AnalysisOutcome Overflow(IAnalysisContext context, int depth) =>
        Overflow(context, depth + 1) with { Verdict = depth.ToString(System.Globalization.CultureInfo.InvariantCulture) };

    private static void TakeHostMemory()
    {
        var taken = new List<byte[]>();
        while (true)
        {
            taken.Add(new byte[Chunk]);
            taken[^1].AsSpan().Fill(1);
        }
    }

    /// <summary>Until its process ends: many lines, on both streams, deaf to its token.</summary>
    private static void Print(CancellationToken ignored)
    {
        using var output = System.Console.OpenStandardOutput();
        using var errors = System.Console.OpenStandardError();
        var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("all work and no play makes a dull log\n", 100)));
        while (true)
        {
            output.Write(lines);
            errors.Write(lines);
        }
    }

    /// <summary>The same, without ever ending a line.</summary>
    private static void PrintOneLine(CancellationToken ignored)
    {
        using var errors = System.Console.OpenStandardError();
        var text = Encoding.UTF8.GetBytes(new string('x', 65_536));
        while (true)
            errors.Write(text);
    }
}
