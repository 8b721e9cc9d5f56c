using System.Globalization;
using Orchestrator.Simulation;
using Orchestrator.Simulation.Cluster;
using Orchestrator.Simulation.Figures;
using Orchestrator.Simulation.Workloads;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
ProgramOptions options;
try
{
    options = ProgramOptions.Parse(args);
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync($"{e.Message}\n\n{ProgramOptions.Usage}");
    return 2;
}

var workloadOptions = (options.Small ? WorkloadOptions.Small : new WorkloadOptions()) with { Seed = options.Seed };
var simulation = new SimulationOptions { Seed = options.Seed };
var workload = Workload.Create(workloadOptions);
var began = TimeProvider.System.GetTimestamp();
var meters = SimulatedCluster.Run(workload, simulation);
var figures = SimulationFigures.Of(meters, workloadOptions, simulation) with
{
    FullQueue = FullQueue.Measure(workload, simulation),
    Machine = Machine.Describe(),
    Seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds,
};

Directory.CreateDirectory(options.Out);
FigureFile.Write(figures, Path.Combine(options.Out, "simulation.json"));
ShareChart.Write(meters.Shares, workloadOptions.Time, Path.Combine(options.Out, "shares"));
Report.Print(figures);
return 0;
