using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Text.Tokenization;
using Orchestrator.Text.Tokens;
using static TorchSharp.torch;

namespace Orchestrator.Silo.Stages;

/// <summary>Opens the artefacts that stages read. What it returns is the caller's to dispose.</summary>
internal sealed class StageInputs(ArtefactStore store, Device device)
{
    public Device Device => device;

    public BytePairTokenizer Tokenizer(StageKey tokenizer) => BytePairTokenizer.Load(store.FileOf(tokenizer, TextStages.TokenizerFile));

    public TokenFileSequence TrainTokens(StageKey tokens) => new(TokenFile.Open(store.FileOf(tokens, TokensBuilder.TrainFile)));

    public TokenFileSequence ValidationTokens(StageKey tokens) => new(TokenFile.Open(store.FileOf(tokens, TokensBuilder.ValidationFile)));

    public Transformer Model(StageKey model) => Transformer.Load(store.Layout.Artefact(model), device);

    /// <summary>Of a model, without its weights.</summary>
    public TransformerDefinition ArchitectureOf(StageKey model) => Transformer.DefinitionIn(store.Layout.Artefact(model));

    public SparseDictionary Dictionary(StageKey dictionary) => SparseDictionary.Load(store.Layout.Artefact(dictionary), device);

    /// <summary>The definition that an artefact was made from.</summary>
    /// <exception cref="InvalidDataException">The artefact is missing, or was made from a definition of another type.</exception>
    public T DefinitionOf<T>(StageKey stage)
        where T : StageDefinition
    {
        var manifest = store.ReadManifest(stage) ?? throw new InvalidDataException($"The store has no artefact {stage}.");
        return StageDefinition.FromJson(manifest.Definition.GetRawText()) as T
            ?? throw new InvalidDataException($"{stage} is no {typeof(T).Name}.");
    }
}
