using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Unit.Planning.Artefacts;

public sealed class ArtefactStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ArtefactStore _store;
    private readonly StageDefinition _definition = new TokensStage(new CorpusDefinition { Kind = "text", Separator = "<é>" }, new StageKey("tokenizer-0123456789ab"));
    private readonly StageKey _stage;

    public ArtefactStoreTests()
    {
        _store = new ArtefactStore(new StoreLayout(_folder.Path), TimeProvider.System);
        _stage = StageAddress.Of(_definition);
    }

    private string Manifest => Path.Combine(_store.Layout.Artefact(_stage), ArtefactManifest.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Publish_MakesTheWorkFolderTheArtefact()
    {
        var work = Publish();

        Assert.True(_store.Contains(_stage));
        Assert.False(Directory.Exists(work));
        Assert.Equal("tokens", File.ReadAllText(_store.FileOf(_stage, "deep/train.tokens")));
        Assert.Equal(["deep/train.tokens", "result.json"], _store.ReadManifest(_stage)!.Files.Select(file => file.Path));
        Assert.Empty(_store.Verify(_stage));
    }

    [Fact]
    public void Publish_OfWhatIsThere_ChangesNothing()
    {
        Publish();
        var before = File.ReadAllText(Manifest);

        var work = Publish("other");

        Assert.False(Directory.Exists(work));
        Assert.Equal(before, File.ReadAllText(Manifest));
        Assert.Equal("tokens", File.ReadAllText(_store.FileOf(_stage, "deep/train.tokens")));
    }

    [Fact]
    public void Publish_Again_AfterTheReplyWasLost_IsHarmless() => _store.Publish(_stage, _definition.ToJson(), Publish());

    [Fact]
    public void Publish_OfNothing_IsAnError() =>
        Assert.Throws<DirectoryNotFoundException>(() => _store.Publish(_stage, _definition.ToJson(), Path.Combine(_folder.Path, "none")));

    [Fact]
    public void Publish_AfterAnInterruptedOne_DoesNotRecordItsManifest()
    {
        var work = Work("w", "tokens");
        File.WriteAllText(Path.Combine(work, ArtefactManifest.FileName), "{ \"lay");

        _store.Publish(_stage, _definition.ToJson(), work);

        Assert.DoesNotContain(ArtefactManifest.FileName, _store.ReadManifest(_stage)!.Files.Select(file => file.Path));
        Assert.Empty(_store.Verify(_stage));
    }

    [Fact]
    public async Task Publish_ByManyAtOnce_LeavesOneSoundArtefact()
    {
        var folders = Enumerable.Range(0, 8).Select(i => Work($"w{i}", "tokens")).ToList();
        using var start = new Barrier(folders.Count);

        await Task.WhenAll(folders.Select(work => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                new ArtefactStore(new StoreLayout(_folder.Path), TimeProvider.System).Publish(_stage, _definition.ToJson(), work);
            },
            TaskCreationOptions.LongRunning)));

        Assert.Empty(_store.Verify(_stage));
        Assert.All(folders, work => Assert.False(Directory.Exists(work)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"layout\": 1, \"key\"")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{ \"key\": \"tokens-000000000000\", \"definition\": {}, \"created_at\": \"2020-01-01T00:00:00Z\", \"files\": null }")]
    public void Contains_OfATornManifest_IsFalseAndPublishingMendsIt(string manifest)
    {
        Publish();
        File.WriteAllText(Manifest, manifest);

        Assert.False(_store.Contains(_stage));
        Assert.Null(_store.ReadManifest(_stage));
        Assert.Single(_store.Verify(_stage));
        Publish();
        Assert.Empty(_store.Verify(_stage));
        Assert.Empty(Directory.GetFileSystemEntries(_store.Layout.Work));
    }

    [Fact]
    public void Contains_OfAMissingFile_IsFalse()
    {
        Publish();
        File.Delete(_store.FileOf(_stage, "result.json"));

        Assert.False(_store.Contains(_stage));
        Assert.Contains("result.json: missing", Assert.Single(_store.Verify(_stage)));
        Assert.Throws<FileNotFoundException>(() => _store.FileOf(_stage, "result.json"));
    }

    [Fact]
    public void Contains_OfAFileOfAnotherLength_IsFalse()
    {
        Publish();
        File.AppendAllText(_store.FileOf(_stage, "result.json"), " ");

        Assert.False(_store.Contains(_stage));
        Assert.Contains("3 bytes, recorded as 2", Assert.Single(_store.Verify(_stage)));
    }

    [Fact]
    public void Verify_FindsChangedContentOfEqualLength()
    {
        Publish();
        File.WriteAllText(_store.FileOf(_stage, "deep/train.tokens"), "TOKENS");

        Assert.True(_store.Contains(_stage));
        Assert.Contains("deep/train.tokens: its content is not the recorded one", Assert.Single(_store.Verify(_stage)));
    }

    [Fact]
    public void Verify_FindsFilesThatNobodyRecorded()
    {
        Publish();
        File.WriteAllText(Path.Combine(_store.Layout.Artefact(_stage), "deep/extra"), "");

        Assert.Contains("deep/extra: not in the manifest", Assert.Single(_store.Verify(_stage)));
    }

    [Fact]
    public void Verify_FindsAnotherDefinition()
    {
        Publish();
        File.WriteAllText(Manifest, File.ReadAllText(Manifest).Replace("\"text\"", "\"jsonl\""));

        Assert.Contains("does not hash to", Assert.Single(_store.Verify(_stage)));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("deep/../../outside")]
    [InlineData("/etc/hostname")]
    [InlineData("./result.json")]
    public void Contains_OfAManifestThatLeadsOut_IsFalse(string path)
    {
        Publish();
        File.WriteAllText(Path.Combine(_store.Layout.Artefacts, "outside"), "{}");
        File.WriteAllText(Manifest, File.ReadAllText(Manifest).Replace("\"result.json\"", $"\"{path}\""));

        Assert.False(_store.Contains(_stage));
        Assert.Contains(_store.Verify(_stage), problem => problem.Contains("leads out of the artefact"));
        Assert.Throws<FileNotFoundException>(() => _store.FileOf(_stage, path));
    }

    [Theory]
    [InlineData("../experiments")]
    [InlineData("/etc")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a\0b")]
    public void Contains_OfAKeyThatIsNoName_IsFalse(string key)
    {
        Assert.False(_store.Contains(new StageKey(key)));
        Assert.Null(_store.ReadManifest(new StageKey(key)));
        Assert.Throws<FileNotFoundException>(() => _store.FileOf(new StageKey(key), "result.json"));
        Assert.Throws<ArgumentException>(() => _store.Layout.Artefact(new StageKey(key)));
        Assert.Throws<ArgumentException>(() => _store.Layout.Summary(new ExperimentId(key)));
    }

    private string Publish(string tokens = "tokens")
    {
        var work = Work("w", tokens);
        _store.Publish(_stage, _definition.ToJson(), work);
        return work;
    }

    private string Work(string name, string tokens)
    {
        _folder.Write($"work/{name}/result.json", "{}");
        _folder.Write($"work/{name}/deep/train.tokens", tokens);
        return Path.Combine(_store.Layout.Work, name);
    }
}
