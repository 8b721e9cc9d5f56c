namespace Orchestrator.Simulation.Workloads;

/// <summary>Random numbers of the sorts that a workload needs; equal seeds give equal numbers.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    public double Uniform() => _random.NextDouble();

    public int Whole(int least, int most) => _random.Next(least, most + 1);

    public T OneOf<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    public TimeSpan Exponential(TimeSpan mean) => mean * -Math.Log(1 - _random.NextDouble());

    /// <summary>Of a given mean; sigma is that of the logarithm.</summary>
    public TimeSpan LogNormal(TimeSpan mean, double sigma) => mean * Math.Exp((sigma * Normal()) - (sigma * sigma / 2));
}
