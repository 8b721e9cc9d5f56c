using Orchestrator.Planning.Access;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Unit.Planning.Access;

public sealed class AccessTokensTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private StoreLayout Layout => new(_folder.Path);

    private AccessTokens Tokens => new(Layout, TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Create_KeepsNoSecret_AndTheFileIsTheOwnersOnly()
    {
        var secret = await Tokens.Create("ana", AccessRole.Submit, TestContext.Current.CancellationToken);

        Assert.StartsWith(AccessTokens.Prefix, secret);
        Assert.True(secret.Length >= 40);
        var text = await File.ReadAllTextAsync(Layout.AccessTokens, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(secret, text);
        Assert.Contains("\"submit\"", text);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Layout.AccessTokens));
    }

    [Fact]
    public async Task Find_KnowsASecret_AndNoOther()
    {
        var ana = await Tokens.Create("ana", AccessRole.Read, TestContext.Current.CancellationToken);
        await Tokens.Create("bo", AccessRole.Admin, TestContext.Current.CancellationToken);

        var known = Tokens.List();

        Assert.Equal(("ana", AccessRole.Read), AccessTokens.Find(known, ana) is { } token ? (token.Name, token.Role) : default);
        Assert.Null(AccessTokens.Find(known, ana[..^1]));
        Assert.Null(AccessTokens.Find(known, ""));
        Assert.Null(AccessTokens.Find(known, known[0].Sha256)); // who reads the file has not the secret
    }

    [Fact]
    public async Task Revoke_MakesASecretWorthless()
    {
        var secret = await Tokens.Create("ana", AccessRole.Read, TestContext.Current.CancellationToken);

        Assert.True(await Tokens.Revoke("ana", TestContext.Current.CancellationToken));

        Assert.Null(AccessTokens.Find(Tokens.List(), secret));
        Assert.False(await Tokens.Revoke("ana", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Create_OfANameTwice_IsRefused()
    {
        await Tokens.Create("ana", AccessRole.Read, TestContext.Current.CancellationToken);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Tokens.Create("ana", AccessRole.Admin, TestContext.Current.CancellationToken));

        Assert.Contains("'ana'", refusal.Message);
        Assert.Equal(AccessRole.Read, Assert.Single(Tokens.List()).Role);
    }

    [Fact]
    public async Task Create_ByManyAtOnce_LosesNone()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Tokens.Create($"token {i}", AccessRole.Read, TestContext.Current.CancellationToken))));

        Assert.Equal(20, Tokens.List().Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"tokens\": [{\"name\": \"x\", \"role\": \"king\"}]}")]
    public void List_OfATornFile_SaysWhich(string content)
    {
        File.WriteAllText(Layout.AccessTokens, content);

        Assert.Contains(Layout.AccessTokens, Assert.Throws<InvalidDataException>(() => Tokens.List()).Message);
    }
}
