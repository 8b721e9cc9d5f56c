using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Access;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Text.Corpus;
using Orchestrator.Text.Tokenization;
using Orchestrator.Text.Tokens;

namespace Orchestrator.Silo.Stages;

/// <summary>The stages that turn a corpus into tokens.</summary>
internal sealed class TextStages(ArtefactStore store, AllowedFolders allowed)
{
    public const string TokenizerFile = "tokenizer.json";

    public void Train(StageKey key, TokenizerStage stage, IJobReporter reporter, CancellationToken stop)
    {
        RequireUnchanged(stage.Corpus);
        var folder = reporter.NewWorkFolder(key);
        var progress = new DirectProgress<TokenizerProgress>(now => reporter.Progress(key, StageProgress.Steps(
            now.VocabularySize, now.RequestedVocabulary, now.VocabularySize > BytePairTrainer.SmallestVocabulary ? "merging pairs" : "counting words")));
        var trained = BytePairTrainer.Train(CorpusReader.Open(stage.Corpus), stage.Tokenizer.VocabularySize, progress, stop);
        trained.Tokenizer.Save(Path.Combine(folder, TokenizerFile));
        reporter.CommitResult(key, folder);
    }

    public void Encode(StageKey key, TokensStage stage, IJobReporter reporter, CancellationToken stop)
    {
        RequireUnchanged(stage.Corpus);
        var tokenizer = BytePairTokenizer.Load(store.FileOf(stage.Tokenizer, TokenizerFile));
        var folder = reporter.NewWorkFolder(key);
        var progress = new DirectProgress<TokensProgress>(now => reporter.Progress(key, StageProgress.Tokens(now.Tokens, "encoding")));
        TokensBuilder.Build(stage.Corpus, tokenizer, folder, progress, stop);
        reporter.CommitResult(key, folder);
    }

    /// <summary>The address names what the corpus held when it was planned; something else must not be published under it.</summary>
    private void RequireUnchanged(CorpusDefinition corpus)
    {
        // .NET's own documentation is no user's choice.
        if (corpus.Kind != CorpusKinds.DotnetDocs && allowed.FirstOutside(CorpusReader.Resolve(corpus).Select(file => file.Path)) is { } outside)
        {
            throw new CorpusException($"The corpus file {outside} is not in a folder that the cluster lets specs read: {allowed.Allowed}.");
        }

        var now = CorpusFingerprint.Compute(corpus);
        if (now != corpus.Fingerprint)
        {
            throw new CorpusException($"The corpus has changed since the plan was made (fingerprint {corpus.Fingerprint[..12]}, now {now[..12]}): run the spec again.");
        }
    }
}
