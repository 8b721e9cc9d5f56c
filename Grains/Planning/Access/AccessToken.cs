namespace Orchestrator.Planning.Access;

/// <summary>A token as it is kept: whoever reads the file cannot use it.</summary>
/// <param name="Name">Whose it is, or what for.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Sha256">Of the secret, lower-case hex. A secret is 32 random bytes: guessing it needs no slow hash to prevent.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record AccessToken(string Name, AccessRole Role, string Sha256, DateTimeOffset CreatedAt);
