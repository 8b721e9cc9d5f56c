using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Orchestrator.Client.Cluster;
using Xunit;

namespace Orchestrator.Processes.Databases;

/// <summary>A real PostgreSQL server of Debian's package, in a temporary folder, as a user who is not root.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    public const string User = "orchestrator";
    public const string Password = "for tests only";
    public const string PasswordVariable = "ORCHESTRATOR_TEST_PASSWORD";
    private const string Administrator = "administrator";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly string? _programs = FindPrograms();
    private string _folder = "";

    /// <summary>Where it listens.</summary>
    public string Host { get; private set; } = "127.0.0.1";

    public int Port { get; private set; }

    /// <summary>Where it is a process of another network namespace: how a command gets there; empty: it is in this one.</summary>
    public IReadOnlyList<string> Namespace { get; init; } = [];

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Skips the test where the package is not installed.</summary>
    public void Require() => Assert.SkipWhen(_programs is null, "PostgreSQL is not installed: no /usr/lib/postgresql/*/bin (apt-get install postgresql).");

    public async ValueTask InitializeAsync()
    {
        if (_programs is not null)
            await Create("127.0.0.1", LoopbackPorts.Take(1)[0]);
    }

    /// <summary>Makes the server's files and starts it; its administrator needs no password, its users do.</summary>
    internal async Task Create(string host, int port)
    {
        (Host, Port) = (host, port);
        _folder = Directory.CreateTempSubdirectory("orchestrator-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
            await Run("chown", "postgres", _folder);

        await RunAsOwner("initdb", "--pgdata", Data, "--username", Administrator, "--auth", "trust", "--no-sync");
        await File.AppendAllTextAsync(
            Path.Combine(Data, "postgresql.conf"),
            $"listen_addresses = '{host}'\nport = {port}\nunix_socket_directories = ''\nfsync = off\n"); // a killed process loses nothing by it
        await File.WriteAllTextAsync(
            Path.Combine(Data, "pg_hba.conf"), $"host all {Administrator} all trust\nhost all all all scram-sha-256\n");
        await Start();
        await Execute("postgres", $"CREATE ROLE {User} LOGIN PASSWORD '{Password}'");
    }

    public Task Start() => RunAsOwner("pg_ctl", "start", "--pgdata", Data, "--log", Path.Combine(_folder, "log"), "--wait");

    /// <summary>As if the power had gone: nobody is waited for, and the next start recovers.</summary>
    public Task Stop() => RunAsOwner("pg_ctl", "stop", "--pgdata", Data, "--mode", "immediate", "--wait");

    /// <summary>Its processes stay, with their connections, and do nothing.</summary>
    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    /// <summary>A new, empty database that belongs to <see cref="User"/>.</summary>
    public async Task<string> CreateDatabase()
    {
        var name = "t" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..12];
        await Execute("postgres", $"CREATE DATABASE {name} OWNER {User}");
        return name;
    }

    /// <summary>Runs a statement as the server's administrator.</summary>
    public async Task Execute(string database, string sql)
    {
        await using var connection = await Open(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of what a question gives.</summary>
    public async Task<IReadOnlyList<T>> Ask<T>(string database, string sql)
    {
        await using var connection = await Open(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<T>();
        while (await reader.ReadAsync())
            found.Add(reader.GetFieldValue<T>(0));

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder.Length == 0)
            return;

        Thaw();
        await Stop();
        Directory.Delete(_folder, recursive: true);
    }

    private static string? FindPrograms() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order().LastOrDefault()
        : null;

    private async Task<NpgsqlConnection> Open(string database)
    {
        var connection = new NpgsqlConnection($"Host={Host};Port={Port};Database={database};Username={Administrator};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private void Signal(string name)
    {
        var postmaster = int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        var children = File.ReadAllText($"/proc/{postmaster}/task/{postmaster}/children");
        foreach (var process in (int[])[postmaster, .. children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)])
            Signals.Send(name, process);
    }

    /// <summary>PostgreSQL refuses to be root's.</summary>
    private Task RunAsOwner(string program, params string[] arguments)
    {
        List<string> command = [.. Namespace];
        if (Environment.IsPrivilegedProcess)
            command.AddRange(["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]);

        return Run([.. command, Path.Combine(_programs!, program), .. arguments]);
    }

    private static async Task Run(params string[] command)
    {
        // A server inherits its starter's outputs: what waits for their end would wait for the server's.
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$@\" > /dev/null 2>&1 < /dev/null", "sh", .. command]))!;
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)} ended with code {process.ExitCode}");
    }
}
