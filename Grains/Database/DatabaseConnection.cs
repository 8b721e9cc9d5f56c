using Npgsql;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Database;

/// <summary>How a process reaches the cluster's database.</summary>
public static class DatabaseConnection
{
    /// <summary>The name by which Orleans' ADO.NET providers know Npgsql.</summary>
    public const string Invariant = "Npgsql";

    /// <summary>The namespace of all tables, so that a database may hold other things too.</summary>
    public const string Schema = "orchestrator";

    /// <summary>Silos hold few: a server takes 100 by default, from everybody.</summary>
    public const int ConnectionsOfControlSilo = 20;

    /// <summary>Membership, which asks for one thing after the other.</summary>
    public const int ConnectionsOfOthers = 3;

    /// <summary>A server that does not answer a connection for so long is away, in seconds.</summary>
    private const int ConnectSeconds = 5;

    /// <summary>
    /// A statement takes milliseconds. A server that is stopped, or behind a network that drops packets, says nothing at all:
    /// after so many seconds it counts as away.
    /// </summary>
    private const int CommandSeconds = 8;

    /// <summary>The connection string, which holds the password: it goes to the driver and nowhere else.</summary>
    /// <param name="database">What the cluster's file says.</param>
    /// <param name="name">By which the server's administrator sees who is connected.</param>
    /// <param name="connections">At most so many at a time.</param>
    /// <exception cref="DatabaseException">The password is not where it should be.</exception>
    public static string StringFor(DatabaseDefinition database, string name, int connections)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = database.Host,
            Port = database.Port,
            Database = database.Name,
            Username = database.User,
            SearchPath = Schema,
            ApplicationName = name,
            Timezone = "UTC",
            Timeout = ConnectSeconds,
            CommandTimeout = CommandSeconds,
            MaxPoolSize = connections,
            // One that broke while nobody used it is found by the system, not by the next write.
            TcpKeepAlive = true,
            TcpKeepAliveTime = 10,
            TcpKeepAliveInterval = 5,
            SslMode = database.Tls switch
            {
                DatabaseTls.Off => SslMode.Disable,
                DatabaseTls.Encrypt => SslMode.Require,
                _ => SslMode.VerifyFull,
            },
        };
        if (database.CertificateAuthority is { } authority)
            text.RootCertificate = authority;

        if (Password(database) is { } password)
            text.Password = password;

        return text.ToString();
    }

    /// <summary>Opens one.</summary>
    /// <exception cref="DatabaseException">It cannot be opened.</exception>
    internal static async Task<NpgsqlConnection> Open(DatabaseDefinition database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(StringFor(database, "orchestrator", ConnectionsOfOthers));
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (DatabaseFaults.IsFault(e))
                throw DatabaseFaults.Explain(database, e);

            throw;
        }
    }

    private static string? Password(DatabaseDefinition database)
    {
        if (database.PasswordVariable is { } variable)
        {
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
                ? value
                : throw new DatabaseException($"The password of the {database} is {database.PasswordPlace}, which is not set.");
        }

        if (database.PasswordFile is not { } file)
            return null;

        try
        {
            return File.ReadAllText(file).TrimEnd('\r', '\n') is { Length: > 0 } password
                ? password
                : throw new DatabaseException($"The password of the {database} is {database.PasswordPlace}, which is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"The password of the {database} is {database.PasswordPlace}, which cannot be read: {e.Message}", isPassing: false, e);
        }
    }
}
