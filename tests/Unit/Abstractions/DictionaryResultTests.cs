using System.Text.Json;
using Orchestrator.Abstractions.Results;
using Xunit;

namespace Orchestrator.Unit.Abstractions;

public sealed class DictionaryResultTests
{
    /// <summary>As version 1 of the metrics wrote it.</summary>
    private const string Older = """
        {
          "metrics_version": 1, "feature_count": 512, "architecture": "standard", "loss_convention": "as it was", "l1_coefficient": 0.004,
          "l0": 9.5, "explained_variance": 0.8, "loss_original": 2.1, "loss_zero": 4.9, "loss_spliced": 2.3, "loss_recovered": 0.93,
          "dead_features": 3, "ultralow_density_features": 1, "ultralow_density_threshold": 0.0001, "evaluation_tokens": 99968,
          "density_histogram": [0, 509], "tokens_seen": 600000, "tokens_per_second": 5400.5, "resampled_features": 7
        }
        """;

    [Fact]
    public void Read_OfAnOlderResult_LacksWhatCameLater()
    {
        var result = JsonSerializer.Deserialize<DictionaryResult>(Older, ResultJson.Options)!;
        Assert.Equal((1, 9.5, 0.93, 7), (result.MetricsVersion, result.L0, result.LossRecovered, result.ResampledFeatures));
        Assert.All(
            [
                result.L1, result.MeanSquaredError, result.CosineSimilarity, result.L2Ratio, result.RelativeReconstructionBias, result.KlZero, result.KlSpliced,
                result.KlRecovered, result.FeaturesAboveOnePercent, result.FeaturesAboveTenPercent, result.MeanMaxDecoderCosine,
            ],
            Assert.Null);
    }

    [Fact]
    public void Write_NamesWhatVersion2Added_AndKeepsWhatIsNoNumber()
    {
        var result = JsonSerializer.Deserialize<DictionaryResult>(Older, ResultJson.Options)! with
        {
            MetricsVersion = DictionaryResult.CurrentMetricsVersion,
            L1 = 1,
            MeanSquaredError = 2,
            CosineSimilarity = 3,
            L2Ratio = 4,
            RelativeReconstructionBias = double.NaN,
            KlZero = 5,
            KlSpliced = 6,
            KlRecovered = 7,
            FeaturesAboveOnePercent = 8,
            FeaturesAboveTenPercent = 9,
            MeanMaxDecoderCosine = 10,
        };
        var json = JsonSerializer.SerializeToElement(result, ResultJson.Options);
        string[] names = ["l1", "mean_squared_error", "cosine_similarity", "l2_ratio", "kl_zero", "kl_spliced", "kl_recovered", "features_above_one_percent", "features_above_ten_percent", "mean_max_decoder_cosine"];
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (double)i), names.Select(name => json.GetProperty(name).GetDouble()));
        Assert.Equal("NaN", json.GetProperty("relative_reconstruction_bias").GetString());
        Assert.Equal(2, json.GetProperty("metrics_version").GetInt32());
        Assert.Equal(double.NaN, json.Deserialize<DictionaryResult>(ResultJson.Options)!.RelativeReconstructionBias);
    }
}
