using System.Text.Json.Nodes;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Interchange;
using Orchestrator.Unit.Numerics.Formats.Torch;
using Xunit;

namespace Orchestrator.Unit.Numerics.Interchange;

/// <summary>A folder in another tool's layout, written by the test, of which any part may be changed before it is read.</summary>
internal sealed class ForeignFolder : IDisposable
{
    /// <summary>The tensors of the weights file.</summary>
    public Dictionary<string, (long[] Shape, Array Elements)> Tensors { get; } = [];

    /// <summary>The configuration beside it.</summary>
    public JsonObject Config { get; set; } = [];

    public string Root { get; } = Directory.CreateTempSubdirectory("foreign-").FullName;

    public string File(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>The layout of SAELens 6.</summary>
    public static ForeignFolder SaeLens(RawDictionary raw, string architecture, bool hasPreBias = true)
    {
        var folder = new ForeignFolder
        {
            Config = new JsonObject
            {
                ["d_in"] = raw.Input,
                ["d_sae"] = raw.Features,
                ["dtype"] = "float32",
                ["device"] = "cuda",
                ["apply_b_dec_to_input"] = hasPreBias,
                ["normalize_activations"] = "none",
                ["reshape_activations"] = "none",
                ["metadata"] = new JsonObject
                {
                    ["sae_lens_version"] = "6.18.0",
                    ["sae_lens_training_version"] = "6.18.0",
                    ["model_name"] = "gelu-1l",
                    ["hook_name"] = "blocks.0.mlp.hook_post",
                    ["hook_head_index"] = null,
                    ["context_size"] = 128,
                    ["prepend_bos"] = true,
                    ["seqpos_slice"] = new JsonArray(null, null),
                    ["model_from_pretrained_kwargs"] = new JsonObject(),
                },
                ["architecture"] = architecture,
            },
        };
        folder.Set("W_enc", [raw.Input, raw.Features], RawDictionary.Transposed(raw.Encoder, raw.Features, raw.Input));
        folder.Set("W_dec", [raw.Features, raw.Output], raw.Decoder);
        folder.Set("b_dec", [raw.Output], raw.DecoderBias);
        if (architecture == "gated")
        {
            folder.Set("b_gate", [raw.Features], raw.GateBias);
            folder.Set("b_mag", [raw.Features], raw.MagnitudeBias);
            folder.Set("r_mag", [raw.Features], raw.LogScale);
        }
        else
        {
            folder.Set("b_enc", [raw.Features], raw.EncoderBias);
        }

        if (architecture.StartsWith("jumprelu", StringComparison.Ordinal)) folder.Set("threshold", [raw.Features], raw.Thresholds);
        if (architecture == "topk") (folder.Config["k"], folder.Config["rescale_acts_by_decoder_norm"]) = (6, false);
        if (architecture.Contains("transcoder", StringComparison.Ordinal)) (folder.Config["d_out"], folder.Config["apply_b_dec_to_input"]) = (raw.Output, false);
        if (architecture == "skip_transcoder") folder.Set("W_skip", [raw.Output, raw.Input], raw.Skip);
        return folder;
    }

    /// <summary>The flat layout of SAELens before 6, of a standard dictionary or one by k.</summary>
    public static ForeignFolder OldSaeLens(RawDictionary raw, int? k = null)
    {
        var folder = SaeLens(raw, "standard");
        folder.Config = new JsonObject
        {
            ["model_name"] = "gpt2-small",
            ["hook_point"] = "blocks.0.mlp.hook_post",
            ["hook_point_layer"] = 0,
            ["hook_point_head_index"] = null,
            ["dataset_path"] = "somewhere/text",
            ["context_size"] = 128,
            ["d_in"] = raw.Input,
            ["d_sae"] = raw.Features,
            ["dtype"] = "torch.float32",
            ["device"] = "mps",
            ["activation_fn_str"] = k is null ? "relu" : "topk",
            ["activation_fn_kwargs"] = k is null ? new JsonObject() : new JsonObject { ["k"] = k },
            ["normalize_activations"] = false,
        };
        return folder;
    }

    public static ForeignFolder DictionaryLearning(RawDictionary raw, string kind, int k = 6, float threshold = -1)
    {
        var trainer = new JsonObject
        {
            ["trainer_class"] = "SomeTrainer",
            ["dict_class"] = kind,
            ["activation_dim"] = raw.Input,
            ["dict_size"] = raw.Features,
            ["lr"] = 1e-3,
            ["layer"] = 0,
            ["lm_name"] = "somebody/model",
            ["submodule_name"] = "mlp_out_layer_0",
        };
        var folder = new ForeignFolder { Config = new JsonObject { ["trainer"] = trainer, ["buffer"] = new JsonObject { ["ctx_len"] = 128 } } };
        if (kind is "JumpReluAutoEncoder" or "MatryoshkaBatchTopKSAE")
        {
            folder.Set("W_enc", [raw.Input, raw.Features], RawDictionary.Transposed(raw.Encoder, raw.Features, raw.Input));
            folder.Set("W_dec", [raw.Features, raw.Output], raw.Decoder);
            folder.Set("b_enc", [raw.Features], raw.EncoderBias);
        }
        else
        {
            folder.Set("encoder.weight", [raw.Features, raw.Input], raw.Encoder);
            folder.Set("decoder.weight", [raw.Output, raw.Features], RawDictionary.Transposed(raw.Decoder, raw.Features, raw.Output));
            if (kind != "GatedAutoEncoder") folder.Set("encoder.bias", [raw.Features], raw.EncoderBias);
        }

        if (kind == "JumpReluAutoEncoder") folder.Set("threshold", [raw.Features], raw.Thresholds);
        if (kind == "GatedAutoEncoder")
        {
            folder.Set("r_mag", [raw.Features], raw.LogScale);
            folder.Set("gate_bias", [raw.Features], raw.GateBias);
            folder.Set("mag_bias", [raw.Features], raw.MagnitudeBias);
        }

        var bias = kind switch { "AutoEncoder" => "bias", "AutoEncoderNew" => "decoder.bias", "GatedAutoEncoder" => "decoder_bias", _ => "b_dec" };
        folder.Set(bias, [raw.Output], raw.DecoderBias);
        if (!kind.Contains("TopK", StringComparison.Ordinal)) return folder;
        trainer["k"] = k;
        folder.Set("k", [], new[] { k });
        folder.Set("threshold", [], new[] { threshold });
        if (kind == "MatryoshkaBatchTopKSAE") folder.Set("group_sizes", [3], new long[] { 7, 20, raw.Features - 27 });
        return folder;
    }

    public static ForeignFolder Sparsify(RawDictionary raw, bool transcode, bool skip)
    {
        var folder = new ForeignFolder
        {
            Config = new JsonObject
            {
                ["activation"] = "topk",
                ["expansion_factor"] = 32,
                ["normalize_decoder"] = true,
                ["num_latents"] = raw.Features,
                ["k"] = 6,
                ["multi_topk"] = false,
                ["skip_connection"] = skip,
                ["transcode"] = transcode,
                ["d_in"] = raw.Input,
            },
        };
        folder.Set("encoder.weight", [raw.Features, raw.Input], raw.Encoder);
        folder.Set("encoder.bias", [raw.Features], raw.EncoderBias);
        folder.Set("W_dec", [raw.Features, raw.Output], raw.Decoder);
        folder.Set("b_dec", [raw.Output], raw.DecoderBias);
        if (skip) folder.Set("W_skip", [raw.Output, raw.Input], raw.Skip);
        return folder;
    }

    public void Set(string name, long[] shape, Array elements) => Tensors[name] = (shape, elements);

    /// <summary>Writes the weights and the configuration, under these names.</summary>
    public ForeignFolder Write(string weights, string config)
    {
        System.IO.File.WriteAllText(File(config), Config.ToJsonString());
        if (weights.EndsWith(".pt", StringComparison.Ordinal)) WriteArchive(File(weights));
        else WriteSafetensors(File(weights));
        return this;
    }

    public ForeignFolder WriteSaeLens() => Write("sae_weights.safetensors", "cfg.json");

    public ForeignFolder WriteDictionaryLearning() => Write("ae.pt", "config.json");

    public ForeignFolder WriteSparsify() => Write("sae.safetensors", "cfg.json");

    /// <summary>The message with which it is refused.</summary>
    public string Refusal(string? target = null) => Assert.ThrowsAny<InvalidDataException>(() =>
    {
        var dictionary = ForeignDictionary.Open(Root);
        dictionary.Load("blocks.0.mlp.hook_post", target ?? (dictionary.HasTarget ? "out" : null)).Dispose();
    }).Message;

    private void WriteSafetensors(string path)
    {
        var writer = new SafetensorsWriter();
        foreach (var (name, (shape, elements)) in Tensors)
        {
            switch (elements)
            {
                case float[] singles: writer.Add(name, singles, shape); break;
                case double[] doubles: writer.Add(name, doubles, shape); break;
                case long[] longs: writer.Add(name, longs, shape); break;
                default: throw new ArgumentException($"{name}: {elements.GetType()}");
            }
        }

        writer.Write(path);
    }

    private void WriteArchive(string path)
    {
        var writer = new TorchArchiveWriter();
        var state = new Dict { IsOrderedDict = true };
        foreach (var (name, (shape, elements)) in Tensors)
        {
            state[name] = elements switch
            {
                float[] singles => writer.Tensor("FloatStorage", shape, singles),
                double[] doubles => writer.Tensor("DoubleStorage", shape, doubles),
                int[] ints => writer.Tensor("IntStorage", shape, ints),
                long[] longs => writer.Tensor("LongStorage", shape, longs),
                _ => throw new ArgumentException($"{name}: {elements.GetType()}"),
            };
        }

        System.IO.File.WriteAllBytes(path, writer.Save(state).ToBytes());
    }
}
