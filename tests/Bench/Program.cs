using Orchestrator.Bench;

Console.OutputEncoding = System.Text.Encoding.UTF8;

var options = args.Skip(1);
return args.FirstOrDefault() switch
{
    "step" => StepBench.Run(BenchOptions.Parse(options)),
    "crossover" => CrossoverBench.Run(BenchOptions.Parse(options)),
    "transformer" => TransformerBench.Run(ModelBenchOptions.Parse(options)),
    "harvest" => HarvestBench.Run(ModelBenchOptions.Parse(options)),
    _ => BenchOptions.Explain(),
};
