namespace Orchestrator.Planning.Clusters;

/// <summary>The PostgreSQL database of a cluster: its state, and the list of its silos.</summary>
/// <param name="Host">Address or name of the server, or the folder of its Unix socket.</param>
/// <param name="Port">Of the server.</param>
/// <param name="Name">Of the database.</param>
/// <param name="User">Who connects.</param>
/// <param name="PasswordVariable">The environment variable that holds the password; null: none does.</param>
/// <param name="PasswordFile">Absolute path of the file that holds the password; null: none does.</param>
/// <param name="Tls">How the connection is protected.</param>
/// <param name="CertificateAuthority">Absolute path of the certificates to trust, PEM; null: the system's.</param>
public sealed record DatabaseDefinition(
    string Host, int Port, string Name, string User, string? PasswordVariable, string? PasswordFile, DatabaseTls Tls, string? CertificateAuthority)
{
    /// <summary>The id of every cluster with a database: the database keeps clusters apart, and holds one.</summary>
    public const string ClusterId = "orchestrator";

    /// <summary>For messages: where the password is read.</summary>
    public string PasswordPlace => PasswordVariable is not null ? $"in the environment variable {PasswordVariable}"
        : PasswordFile is not null ? $"in the file {PasswordFile}"
        : "not given (password_variable or password_file)";

    /// <summary>Whether the server is on this machine.</summary>
    public static bool IsLocal(string host) => host is "localhost" or "127.0.0.1" or "::1" || host.StartsWith('/');

    /// <summary>For messages.</summary>
    public override string ToString() => $"database {Name} at {Host}:{Port}";
}

/// <summary>How a connection to the database is protected.</summary>
public enum DatabaseTls
{
    /// <summary>The server's certificate must be for its name, of an authority that is trusted.</summary>
    Verify,

    /// <summary>Encrypted, with whoever answers.</summary>
    Encrypt,

    /// <summary>In clear, as on one machine.</summary>
    Off,
}
