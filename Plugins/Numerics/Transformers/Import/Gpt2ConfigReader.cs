using System.Text.Json;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Numerics.Transformers.Import;

/// <summary>
/// Reads <c>config.json</c>. What would change the computation is refused, not passed over: a model with the right
/// tensors and another meaning of them would be silently wrong.
/// </summary>
internal sealed class Gpt2ConfigReader
{
    private const string HuggingFaceType = "gpt2";

    // The same architecture in other sizes, as minGPT names it. Others that share GPT-2's tensor names lay them out otherwise.
    private static readonly string[] SameArchitecture =
        [HuggingFaceType, "gpt2-medium", "gpt2-large", "gpt2-xl", "gopher-44m", "gpt-mini", "gpt-micro", "gpt-nano"];

    private static readonly Dictionary<string, string> Activations = new(StringComparer.Ordinal)
    {
        ["relu"] = TransformerDefinition.Relu,
        ["gelu"] = TransformerDefinition.Gelu,
        ["gelu_new"] = TransformerDefinition.GeluTanh,
        ["gelu_pytorch_tanh"] = TransformerDefinition.GeluTanh,
    };

    // What a model of these has to say to be one that is computed here.
    private static readonly (string Key, bool Required)[] Switches =
    [
        ("scale_attn_weights", true), ("scale_attn_by_inverse_layer_idx", false), ("add_cross_attention", false),
    ];

    private readonly JsonElement _root;
    private readonly List<string> _problems = [];

    private Gpt2ConfigReader(JsonElement root) => _root = root;

    /// <inheritdoc cref="Gpt2Config.Read"/>
    public static Gpt2Config Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var reader = new Gpt2ConfigReader(document.RootElement);
            var config = reader.Read();
            return reader._problems.Count == 0
                ? config
                : throw new InvalidDataException($"{path} is not the configuration of a model of GPT-2's layout: {string.Join("; ", reader._problems)}.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path} is not JSON: {exception.Message}", exception);
        }
    }

    private Gpt2Config Read()
    {
        if (_root.ValueKind != JsonValueKind.Object)
        {
            _problems.Add("it is not a JSON object");
            return new() { Layers = 0, Heads = 0, ModelDim = 0, ContextLength = 0, VocabularySize = 0, Activation = "" };
        }

        foreach (var (key, required) in Switches)
        {
            if (Flag(key) is { } found && found != required)
                _problems.Add($"{key} is {Shown(!required)}, which is not computed here; it must be {Shown(required)}");
        }

        var type = Find(JsonValueKind.String, "model_type")?.GetString();
        if (type is not null && !SameArchitecture.Contains(type))
            _problems.Add($"model_type is '{type}', known: {string.Join(", ", SameArchitecture)}");
        return new Gpt2Config
        {
            Layers = Size("n_layer"),
            Heads = Size("n_head"),
            ModelDim = Size("n_embd"),
            MlpDim = Find(JsonValueKind.Number, "n_inner") is null ? null : Size("n_inner"),
            ContextLength = Size("n_positions", "block_size", "n_ctx"),
            VocabularySize = Size("vocab_size"),
            Activation = Activation(type),
            NormEpsilon = Find(JsonValueKind.Number, "layer_norm_epsilon")?.GetDouble() ?? 1e-5,
            HasBiases = Flag("bias") ?? true,
            IsTied = Flag("tie_word_embeddings") ?? (type == HuggingFaceType ? true : null),
        };
    }

    private static string Shown(bool value) => value ? "true" : "false";

    private string Activation(string? type)
    {
        var name = Find(JsonValueKind.String, "activation_function")?.GetString() ?? (type == HuggingFaceType ? "gelu_new" : null);
        if (name is not null && Activations.TryGetValue(name, out var activation))
            return activation;
        _problems.Add(name is null
            ? "activation_function is missing, and cannot be guessed: minGPT computes gelu_new, nanoGPT gelu"
            : $"activation_function is '{name}', known: {string.Join(", ", Activations.Keys)}");
        return "";
    }

    /// <summary>The first of some keys that is given.</summary>
    private int Size(params string[] keys)
    {
        var key = keys.FirstOrDefault(name => _root.TryGetProperty(name, out _)) ?? keys[0];
        if (_root.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var size) && size > 0)
            return size;
        _problems.Add($"{key} is {(value.ValueKind == JsonValueKind.Undefined ? "missing" : value.GetRawText())}, expected a whole number above 0");
        return 0;
    }

    private bool? Flag(string key)
    {
        if (!_root.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        _problems.Add($"{key} is {value.GetRawText()}, expected true or false");
        return null;
    }

    private JsonElement? Find(JsonValueKind kind, string key)
    {
        if (!_root.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == kind)
            return value;
        _problems.Add($"{key} is {value.GetRawText()}, expected a {kind.ToString().ToLowerInvariant()}");
        return null;
    }
}
