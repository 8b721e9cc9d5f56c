using Orchestrator.Bench;
using Orchestrator.Bench.Dictionaries;
using Orchestrator.Bench.Reporting;
using Orchestrator.Bench.Scheduling;
using Orchestrator.Bench.Transformers;
using Orchestrator.Numerics.Runtime;

System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.InvariantCulture;
Console.OutputEncoding = System.Text.Encoding.UTF8;
LibTorch.Prepare(Environment.GetEnvironmentVariable(LibTorch.FolderVariable)); // as silos do
IReadOnlyList<IBenchmark> benchmarks =
[
    new StepBench(), new CrossoverBench(), new StreamsBench(), new MemoryBench(), new AccuracyBench(), new TransformerBench(), new HarvestBench(),
    new OverheadBench(), new SimulationBench(),
];
var root = new BenchCommand().Create(benchmarks);
root.Subcommands.Add(DictionaryMemory.Command());
return root.Parse(args).Invoke();
