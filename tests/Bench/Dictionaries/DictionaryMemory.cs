using System.CommandLine;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Unit.Numerics;
using static TorchSharp.torch;

namespace Orchestrator.Bench.Dictionaries;

/// <summary>Measures this process while it trains one dictionary, and prints bytes: <see cref="MemoryBench"/> starts it.</summary>
internal static class DictionaryMemory
{
    public const string Verb = "memory-of";

    private const int Steps = 20;

    public static Command Command()
    {
        var arguments = new Argument<double[]>("features dim batch l0");
        var command = new Command(Verb) { arguments };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(arguments) is not [var features, var dim, var batch, var l0]) return 2;
            Console.WriteLine(Measure((int)features, (int)dim, (int)batch, l0));
            return 0;
        });
        return command;
    }

    private static long Measure(int features, int dim, int batch, double l0)
    {
        using var warmUp = Setting.Create(new Member(64), randn(batch, dim), l0: 1);
        Train(warmUp);    // threads, and what libraries keep for themselves
        var member = new Member(features);
        using var setting = Setting.Create(member, randn(batch, dim), l0);
        var before = ProcessMemory.ResetPeak();
        Train(setting);
        return ProcessMemory.Peak() - before + member.ParameterBytes(dim);
    }

    private static void Train(Setting setting)
    {
        using var trainer = setting.Trainer(GradientPath.Measured);
        for (var step = 0; step < Steps; step++) trainer.Step(setting.X);
    }
}
