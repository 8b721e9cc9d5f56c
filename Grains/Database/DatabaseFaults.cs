using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Database;

/// <summary>What PostgreSQL and its driver complain about, for people and for programs.</summary>
public static class DatabaseFaults
{
    /// <summary>Errors that the driver, the network or the server raises.</summary>
    public static bool IsFault(Exception exception) => exception is NpgsqlException or SocketException or TimeoutException;

    /// <summary>
    /// Whether the same again may succeed later: the server is away, restarts, or is short of something. Where a write ends
    /// so, nobody knows whether it was done; with its version it can be sent again all the same.
    /// </summary>
    public static bool IsPassing(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.ReadOnlySqlTransaction } => true,
        PostgresException postgres => postgres.IsTransient,
        NpgsqlException { InnerException: AuthenticationException } => false,
        NpgsqlException npgsql => npgsql.IsTransient || npgsql.InnerException is SocketException or IOException or TimeoutException || npgsql.InnerException is null,
        _ => exception is SocketException or TimeoutException,
    };

    /// <summary>One message, with the place of the database and what would help.</summary>
    internal static DatabaseException Explain(DatabaseDefinition database, Exception exception) =>
        new(Text(database, exception), IsPassing(exception), exception);

    private static string Text(DatabaseDefinition database, Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword } =>
            $"The {database} refuses the password of {database.User}, which is {database.PasswordPlace}.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
            $"The {database} does not let {database.User} in: {refused.MessageText}.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            $"There is no {database}. Its administrator makes one: createdb --owner {database.User} {database.Name}",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
            $"In the {database} the user {database.User} lacks a privilege: {refused.MessageText}.",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
            $"The {database} takes no more connections; raise its max_connections.",
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => $"The disk of the {database} is full.",
        PostgresException other => $"The {database} refused: {other.MessageText} ({other.SqlState}).",
        NpgsqlException { InnerException: AuthenticationException tls } =>
            $"No TLS with the {database}: {tls.Message} (database.tls is {database.Tls}).",
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => $"The {database} does not answer.",
        NpgsqlException { InnerException: SocketException socket } => $"The {database} cannot be reached: {socket.Message}.",
        SocketException socket => $"The {database} cannot be reached: {socket.Message}.",
        _ => $"The {database} cannot be used: {exception.Message}",
    };
}
