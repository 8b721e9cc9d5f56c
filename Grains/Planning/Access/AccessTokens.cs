using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Abstractions.Results;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Planning.Access;

/// <summary>
/// The access tokens of a cluster: a file of its store, which only its owner can read. What several processes change at
/// once is changed one after the other.
/// </summary>
public sealed class AccessTokens(StoreLayout layout, TimeProvider time)
{
    /// <summary>What every secret begins with, so that one in a log or a repository is recognised.</summary>
    public const string Prefix = "orc_";

    private const int SecretBytes = 32;
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(50);

    private string FilePath => layout.AccessTokens;

    /// <summary>All tokens, by name; none where there is no file.</summary>
    /// <exception cref="InvalidDataException">The file is torn, or it is no such file.</exception>
    public IReadOnlyList<AccessToken> List()
    {
        if (!File.Exists(FilePath))
        {
            return [];
        }

        try
        {
            return ResultJson.Read<TokenFile>(FilePath).Tokens;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{FilePath} is not a file of access tokens: {exception.Message}", exception);
        }
    }

    /// <summary>Makes a token.</summary>
    /// <param name="name">A name of its own.</param>
    /// <param name="role">What it may do.</param>
    /// <returns>The secret, which is kept nowhere.</returns>
    /// <exception cref="InvalidOperationException">There is one of that name.</exception>
    public async Task<string> Create(string name, AccessRole role, CancellationToken cancellationToken)
    {
        var secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        await Change(
            tokens => tokens.Exists(token => token.Name == name)
                ? throw new InvalidOperationException($"There is a token '{name}' already: revoke it first.")
                : [.. tokens, new AccessToken(name, role, HashOf(secret), time.GetUtcNow())],
            cancellationToken);
        return secret;
    }

    /// <summary>Makes a token worthless from now on; false: there is none of that name.</summary>
    public async Task<bool> Revoke(string name, CancellationToken cancellationToken)
    {
        var found = false;
        await Change(
            tokens =>
            {
                found = tokens.Exists(token => token.Name == name);
                return tokens.FindAll(token => token.Name != name);
            },
            cancellationToken);
        return found;
    }

    /// <summary>The token of a secret among some; null: it is none of theirs. Every one is compared, each in the same time.</summary>
    public static AccessToken? Find(IReadOnlyList<AccessToken> tokens, string secret)
    {
        var hash = Encoding.ASCII.GetBytes(HashOf(secret));
        AccessToken? found = null;
        foreach (var token in tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(token.Sha256)))
            {
                found = token;
            }
        }

        return found;
    }

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private async Task Change(Func<List<AccessToken>, List<AccessToken>> change, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(layout.Root);
        await using var held = await TakeLock(cancellationToken);
        var tokens = change([.. List()]);
        var content = JsonSerializer.SerializeToUtf8Bytes(new TokenFile([.. tokens.OrderBy(token => token.Name, StringComparer.Ordinal)]), ResultJson.Options);
        var temporary = FilePath + ".new";
        File.Delete(temporary);
        await using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            await file.WriteAsync(content, cancellationToken);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, FilePath, overwrite: true);
        DurableFiles.FlushFolder(layout.Root);
    }

    private async Task<FileStream> TakeLock(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(FilePath + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (time.GetElapsedTime(started) < LockPatience)
            {
                await Task.Delay(LockPause, time, cancellationToken);
            }
        }
    }

    private sealed record TokenFile(IReadOnlyList<AccessToken> Tokens);
}
