using Orchestrator.Numerics.Formats;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers.Import;

/// <summary>
/// Models in GPT-2's layout (Radford et al. 2019): Hugging Face's with Conv1D weights [in, out], minGPT's and nanoGPT's
/// with Linear weights [out, in], which their shapes tell apart; with or without the prefix <c>transformer.</c> (and
/// torch.compile's <c>_orig_mod.</c>), with a tied head or one of their own. What does not fit is an error that names all of
/// it; a model that loads computes what the original does.
/// </summary>
/// <remarks>A tied head becomes a copy of the embedding: trained further, they would part.</remarks>
public static class Gpt2Importer
{
    private const string ConfigName = "config.json";
    private const string WeightsName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";

    /// <summary>Reads <c>config.json</c> and <c>model.safetensors</c> (F32, F16 or BF16).</summary>
    /// <exception cref="InvalidDataException">They do not fit one another, or what is known here; the message has every reason.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    public static Transformer Load(string folder, Device device)
    {
        var config = Gpt2Config.Read(Path.Combine(folder, ConfigName));
        var path = Path.Combine(folder, WeightsName);
        if (!File.Exists(path) && File.Exists(Path.Combine(folder, IndexName)))
            throw new FileNotFoundException($"{path} is missing: the model lies in several files, as {IndexName} says; save it as one.", path);
        using var file = SafetensorsFile.Open(path);
        using var scope = NewDisposeScope();
        try
        {
            return FromTensors(config, file.Entries.Keys.ToDictionary(name => name, name => file.Read(name, CPU)), device);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>A model from tensors under GPT-2's names.</summary>
    /// <param name="config">Its architecture.</param>
    /// <param name="tensors">Of any floating type; they stay the caller's.</param>
    /// <param name="device">Where the model is to live.</param>
    /// <exception cref="ArgumentException">
    /// They are not the tensors of that architecture: every missing, surplus and wrong one is named; or no transformer has
    /// that architecture.
    /// </exception>
    public static Transformer FromTensors(Gpt2Config config, IReadOnlyDictionary<string, Tensor> tensors, Device device)
    {
        var definition = config.ToDefinition();
        var parameters = new ParameterLayout(definition, config.VocabularySize);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var source = new Gpt2Source(config, tensors);
        var named = source.Parameters();

        // What a model of this layout does not have: a bias of the unembedding, and of anything where it has none.
        foreach (var parameter in parameters.Parameters.Where(parameter => !parameter.IsMatrix && !named.ContainsKey(parameter.Name)))
        {
            if (parameter.Name == "unembed.b_U" || !config.HasBiases)
                named.Add(parameter.Name, zeros(parameter.Shape));
        }

        return Transformer.FromTensors(definition, config.VocabularySize, named, device);
    }
}
