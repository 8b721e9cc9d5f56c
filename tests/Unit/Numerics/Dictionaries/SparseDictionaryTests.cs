using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Tensors;
using Xunit;

namespace Orchestrator.Unit.Numerics.Dictionaries;

public sealed class SparseDictionaryTests
{
    private const int Dim = 40;
    private const int Features = 90;

    [Fact]
    public void New_HasUnitDecoderRows_AndDependsOnItsSeedAlone()
    {
        using var dictionary = new SparseDictionary(Probe.Definition(Features, 8, 1), Dim, "test");
        using var same = new SparseDictionary(Probe.Definition(Features, 8, 1), Dim, "test");
        using var other = new SparseDictionary(Probe.Definition(Features, 8, 1) with { Seed = 99 }, Dim, "test");
        var encoder = Probe.Weights(dictionary)[0];
        Assert.Equal(Probe.Weights(same), Probe.Weights(dictionary));
        Assert.NotEqual(Probe.Weights(other)[0], encoder);
        Assert.InRange(encoder.Max(), 0.95 / Math.Sqrt(Dim), 1 / Math.Sqrt(Dim));
        Assert.All(Probe.Weights(dictionary)[1].Chunk(Dim), row => Assert.Equal(1, row.Sum(value => value * value), 1e-5));
    }

    [Fact]
    public void Encode_And_Decode_AreThePapersFormulas()
    {
        using var dictionary = Probe.Dictionary(Probe.Definition(Features, 8, 1), Dim);
        using var x = Probe.Gaussian(1, 3, Dim);
        using var f = dictionary.Encode(x);
        using var xHat = dictionary.Decode(f);
        var (weights, inputs, activations) = (Probe.Weights(dictionary), HostMemory.ToSingles(x), HostMemory.ToSingles(f));
        var reconstruction = HostMemory.ToSingles(xHat);
        for (var row = 0; row < 3; row++)
        {
            for (var feature = 0; feature < Features; feature++)
            {
                double sum = weights[2][feature];
                for (var i = 0; i < Dim; i++) sum += (inputs[(row * Dim) + i] - weights[3][i]) * weights[0][(feature * Dim) + i];
                Assert.Equal(Math.Max(0, sum), activations[(row * Features) + feature], 1e-5);
            }

            for (var i = 0; i < Dim; i++)
            {
                double sum = weights[3][i];
                for (var feature = 0; feature < Features; feature++)
                    sum += activations[(row * Features) + feature] * weights[1][(feature * Dim) + i];
                Assert.Equal(sum, reconstruction[(row * Dim) + i], 1e-5);
            }
        }
    }

    [Fact]
    public void EncodeSparse_And_Decode_AgreeWithTheDenseOnes()
    {
        using var dictionary = Probe.Dictionary(Probe.Definition(Features, 8, 1), Dim, encoderBias: -0.3f);
        using var x = Probe.Gaussian(1, 2_500, Dim);
        using var f = dictionary.Encode(x);
        using var xHat = dictionary.Decode(f);
        var sparse = dictionary.EncodeSparse(x);
        using var decoded = dictionary.Decode(sparse);
        var dense = new float[2_500 * Features];
        for (var token = 0; token < sparse.TokenCount; token++)
        {
            var features = sparse.FeaturesOf(token);
            for (var pair = 0; pair < features.Length; pair++)
            {
                if (pair > 0) Assert.True(features[pair] > features[pair - 1]);
                dense[(token * Features) + features[pair]] = sparse.ValuesOf(token)[pair];
            }
        }

        Assert.Equal(HostMemory.ToSingles(f), dense, (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(HostMemory.ToSingles(xHat), HostMemory.ToSingles(decoded), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Save_WritesTheLiteraturesNamesAndShapes_AndLoadReadsThem()
    {
        using var dictionary = Probe.Dictionary(Probe.Definition(Features, 8, 1), Dim);
        using var folder = new TemporaryFolder();
        dictionary.Save(folder.Path);
        using (var file = SafetensorsFile.Open(Path.Combine(folder.Path, "sae.safetensors")))
        {
            Assert.Equal([Dim, Features], file.Entries["W_enc"].Shape);
            Assert.Equal([Features, Dim], file.Entries["W_dec"].Shape);
            Assert.Equal([Features], file.Entries["b_enc"].Shape);
            Assert.Equal([Dim], file.Entries["b_dec"].Shape);
        }

        using var loaded = SparseDictionary.Load(folder.Path);
        Assert.Equal(Probe.Weights(dictionary), Probe.Weights(loaded));
        Assert.Equal(dictionary.Definition, loaded.Definition);
        Assert.Equal("test", loaded.HookPoint);
    }

    [Fact]
    public void Load_OfAnythingElse_SaysWhatIsWrong()
    {
        using var dictionary = Probe.Dictionary(Probe.Definition(Features, 8, 1), Dim);
        using var folder = new TemporaryFolder();
        var config = Path.Combine(folder.Path, "config.json");
        Assert.Contains("config.json", Refusal(folder.Path), StringComparison.Ordinal);
        dictionary.Save(folder.Path);
        var right = File.ReadAllText(config);
        File.WriteAllText(config, right.Replace("\"standard\"", "\"other\"", StringComparison.Ordinal));
        Assert.Contains("'other'", Refusal(folder.Path), StringComparison.Ordinal);
        File.WriteAllText(config, right.Replace($"\"feature_count\": {Features}", $"\"feature_count\": {Features + 1}", StringComparison.Ordinal));
        Assert.Contains("W_enc", Refusal(folder.Path), StringComparison.Ordinal);
        File.WriteAllText(config, "{");
        Assert.Contains("config.json", Refusal(folder.Path), StringComparison.Ordinal);
        File.WriteAllText(config, right);
        File.Delete(Path.Combine(folder.Path, "sae.safetensors"));
        Assert.Contains("sae.safetensors", Refusal(folder.Path), StringComparison.Ordinal);
    }

    private static string Refusal(string folder) =>
        Assert.Throws<InvalidDataException>(() => SparseDictionary.Load(folder).Dispose()).Message;
}
