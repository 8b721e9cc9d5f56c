using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>
/// A screen in half precision must not lose a pair: whatever it leaves is compared, bit for bit, with what the exact
/// pre-activations of all pairs give.
/// </summary>
public sealed unsafe class ScreeningTests
{
    private const int Dim = 72;
    private const int Features = 2_100;     // three blocks, the last one short
    private const int Batch = 70;

    public static TheoryData<string, double> Cases()
    {
        var cases = new TheoryData<string, double>();
        foreach (var input in new[] { "normal", "alike", "scaled", "tiny", "zero", "on-the-threshold" })
            foreach (var bias in new[] { -2.5, -0.4, 0.3 }) cases.Add(input, bias);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Screen_LosesNoPairAboveAThreshold(string input, double bias)
    {
        using var scope = NewDisposeScope();
        var (weight, rows, biases) = Problem(input, bias);
        var expected = new List<(int, int, float)>();
        ForEachExact(weight, rows, (token, feature, z) =>
        {
            var value = z + HostPointer.To<float>(biases)[feature];
            if (value > 0.01f) expected.Add((token, feature, value));
        });
        Assert.Equal(expected, Scan(weight, rows, new AboveThreshold<float>(HostPointer.To<float>(biases), 0.01f)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Screen_LosesNoneOfTheLargest(string input, double bias)
    {
        const int K = 9;
        using var scope = NewDisposeScope();
        var (weight, rows, biases) = Problem(input, bias);
        var b = HostPointer.To<float>(biases);
        var all = new List<(int Token, int Feature, float Value)>();
        ForEachExact(weight, rows, (token, feature, z) => all.Add((token, feature, z + b[feature])));
        var positive = all.Where(pair => pair.Value > 0).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Token).ThenBy(pair => pair.Feature).ToList();
        Assert.Equal(
            positive.GroupBy(pair => pair.Token).SelectMany(token => token.Take(K)).Order(),
            Scan(weight, rows, new LargestOfToken<float>(K, b, Features, Batch, PairScan<float>.TokensPerSegment)));
        Assert.Equal(
            positive.Take(K * Batch).Order(),
            Scan(weight, rows, new LargestOfBatch<float>(K, b, Features, (Batch + 31) / 32, PairScan<float>.TokensPerSegment)));
    }

    [Fact]
    public void Scan_WithAndWithoutAScreen_FindsTheSamePairs()
    {
        using var scope = NewDisposeScope();
        var (weight, rows, biases) = Problem("normal", -1.5);
        var selector = new AboveThreshold<float>(HostPointer.To<float>(biases), 0);
        var screened = Scan(weight, rows, selector);
        var whole = Scan(weight, rows, selector, Screening.Never);
        Assert.Equal(whole.Select(pair => (pair.Token, pair.Feature)), screened.Select(pair => (pair.Token, pair.Feature)));
        Assert.All(whole.Zip(screened), pair => Assert.Equal(pair.First.Value, pair.Second.Value, 1e-4f));
    }

    private static (Tensor Weight, Tensor Rows, Tensor Biases) Problem(string input, double bias)
    {
        var weight = Probe.Gaussian(1, Features, Dim).mul_(0.2);
        var rows = Probe.Gaussian(2, Batch, Dim);
        var biases = Probe.Gaussian(3, Features).mul_(0.1).add_(bias);
        switch (input)
        {
            case "alike":
                // Every feature nearly the same: thousands of values closer together than half precision tells apart.
                weight = (weight * 1e-4) + weight.narrow(0, 0, 1);
                biases.fill_(bias);
                break;
            case "scaled":
                // Norms over nine orders of magnitude.
                weight.mul_(pow(10, linspace(-4, 5, Features).unsqueeze(1)));
                break;
            case "tiny":
                rows.mul_(1e-30);
                break;
            case "zero":
                rows.zero_();
                break;
            case "on-the-threshold":
                // Biases that put each feature's mean pre-activation where the threshold is.
                biases = -rows.mm(weight.t()).mean([0]) + 0.01;
                break;
        }

        return (weight.contiguous(), rows.contiguous(), biases.contiguous());
    }

    private static void ForEachExact(Tensor weight, Tensor rows, Action<int, int, float> action)
    {
        var indices = Enumerable.Range(0, Features).ToArray();
        var z = new float[Features];
        fixed (int* features = indices)
        fixed (float* products = z)
        {
            for (var token = 0; token < Batch; token++)
            {
                // One at a time: the same sum as in pairs of rows.
                for (var feature = 0; feature < Features; feature++)
                {
                    RowKernels<float>.Dots(HostPointer.To<float>(rows) + (token * Dim), HostPointer.To<float>(weight), Dim, features + feature, 1, products + feature);
                    action(token, feature, z[feature]);
                }
            }
        }
    }

    private static List<(int Token, int Feature, float Value)> Scan(
        Tensor weight, Tensor rows, PairSelector<float> selector, Screening screening = Screening.Always)
    {
        using var team = new WorkerTeam(2);
        using var memory = new WorkMemory();
        using var scan = new PairScan<float>(weight, Batch, MatrixPrecision.Float32, team, screening);
        scan.Bind(memory);
        var segments = PairScan<float>.Segments(Batch, hasExtras: false);
        Assert.True(scan.All(rows, static _ => long.MaxValue, new PairChannel<float>(selector, segments)));
        var found = new List<(int, int, float)>();
        var pairs = new PairBuffer<float>(hasExtras: false);
        for (var token = 0; token < Batch; token++)
        {
            segments[token / PairScan<float>.TokensPerSegment].Gather(token % PairScan<float>.TokensPerSegment, pairs);
            for (var i = 0; i < pairs.Count; i++) found.Add((token, pairs.Indices[i], pairs.Values[i]));
        }

        return found;
    }
}
