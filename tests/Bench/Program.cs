using Orchestrator.Bench;

Console.OutputEncoding = System.Text.Encoding.UTF8;

var options = BenchOptions.Parse(args.Skip(1));
return args.FirstOrDefault() switch
{
    "step" => StepBench.Run(options),
    "crossover" => CrossoverBench.Run(options),
    _ => BenchOptions.Explain(),
};
