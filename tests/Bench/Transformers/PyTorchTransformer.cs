using System.Diagnostics;

namespace Orchestrator.Bench.Transformers;

/// <summary>The same model in Python's PyTorch: a process that trains as many steps as it is told, and says when it is done.</summary>
internal sealed class PyTorchTransformer : IDisposable
{
    private readonly Process _process;

    private PyTorchTransformer(Process process)
    {
        _process = process;
        Version = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The Python contestant ended before it began; its error is above.");
    }

    /// <summary>Of PyTorch and of what multiplies its matrices.</summary>
    public string Version { get; }

    public static PyTorchTransformer Start(string python, BenchOptions options, int contexts)
    {
        var model = options.Model;
        int[] shape = [model.Layers, model.ModelDim, model.MlpDim, model.Heads, model.ContextLength, options.VocabularySize, contexts, Environment.ProcessorCount];
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "pytorch_transformer.py"), .. shape.Select(number => $"{number}")];
        var start = new ProcessStartInfo(python, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new PyTorchTransformer(Process.Start(start)!);
    }

    public void Steps(int count)
    {
        _process.StandardInput.WriteLine(count);
        _process.StandardInput.Flush();
        if (_process.StandardOutput.ReadLine() is null) throw new InvalidOperationException("The Python contestant ended; its error is above.");
    }

    public void Dispose()
    {
        _process.StandardInput.Dispose();
        _process.WaitForExit();
        _process.Dispose();
    }
}
