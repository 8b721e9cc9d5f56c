using System.Text.Json;
using Orchestrator.Client.Cluster;
using Orchestrator.Database;
using Orchestrator.Planning.Clusters;
using Xunit;

namespace Orchestrator.Processes.Databases;

/// <summary><c>db init</c>, <c>db check</c>, and what silos do with a database that is not as it should be.</summary>
[Collection(PostgresCollection.Name)]
public sealed class DatabaseVerbTests(PostgresServer server) : IAsyncLifetime
{
    private readonly TemporaryStore _store = new();
    private string _database = "";

    private string Folder => Path.GetDirectoryName(_store.Root)!;

    public async ValueTask InitializeAsync()
    {
        server.Require();
        _database = await server.CreateDatabase();
        _store.Write("cluster.yaml", ScaledCluster.FileOf(server, _database));
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Init_SeveralAtOnce_MakesOneSchema_AndAgainChangesNothing()
    {
        var inits = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Run("db", "init")));
        Assert.All(inits, init => Assert.Equal(DatabaseSchema.Newest, init.GetProperty("now").GetInt32()));
        Assert.Single(inits, init => init.GetProperty("before").GetInt32() == 0);
        Assert.Equal(Enumerable.Range(1, DatabaseSchema.Newest), await server.Ask<int>(_database, "SELECT version FROM orchestrator.schemaversion ORDER BY version"));
        var check = await Run("db", "check");
        Assert.True(check.GetProperty("good").GetBoolean());
        Assert.Contains(check.GetProperty("warnings").EnumerateArray(), warning => warning.GetString()!.Contains("fsync is off", StringComparison.Ordinal)); // as the tests' server has it
    }

    [Fact]
    public async Task Init_OfAnOlderSchema_BringsItForward_AndKeepsWhatItHolds()
    {
        await DatabaseSchema.InitTo(1, Definition(), CancellationToken.None);
        await server.Execute(_database, "INSERT INTO orchestrator.orleansstorage VALUES ('s', 't', 'k', 0, 0, 'kept', now(), 7)");
        await Refused(1, $"a schema of version 1, and this program works with version {DatabaseSchema.Newest}", "db", "check");
        await Refused(1, "orchestrator db init", "up");
        var init = await Run("db", "init");
        Assert.Equal((1, DatabaseSchema.Newest), (init.GetProperty("before").GetInt32(), init.GetProperty("now").GetInt32()));
        Assert.Equal([7], await server.Ask<int>(_database, "SELECT version FROM orchestrator.orleansstorage"));
        await Run("db", "check");
    }

    [Fact]
    public async Task Check_OfAnEmptyDatabase_NamesInit()
    {
        await Refused(1, "has no schema. Make it with: orchestrator db init", "db", "check");
        await Refused(1, "has no schema. Make it with: orchestrator db init", "up");
    }

    [Fact]
    public async Task SchemaOfANewerProgram_IsRefusedByAll()
    {
        await Run("db", "init");
        await server.Execute(_database, "INSERT INTO orchestrator.schemaversion (version) VALUES (99)");
        foreach (var verb in (string[][])[["db", "check"], ["db", "init"], ["up"], ["ls"]])
        {
            Directory.CreateDirectory(_store.Root);
            await Refused(1, "a schema of version 99, which a newer program made", verb);
        }

        Assert.Equal([99], await server.Ask<int>(_database, "SELECT max(version) FROM orchestrator.schemaversion"));
    }

    [Fact]
    public async Task Check_FindsWhatIsMissing_AndWhatIsNotAllowed()
    {
        await Run("db", "init");
        await server.Execute(_database, "DELETE FROM orchestrator.orleansquery WHERE querykey = 'GatewaysQueryKey'; DROP TABLE orchestrator.orleansreminders; REVOKE INSERT ON orchestrator.orleansstorage FROM orchestrator");
        var check = await Refused(1, "lacks statements of its schema: GatewaysQueryKey", "db", "check");
        Assert.Contains("lacks tables of its schema: orleansreminders", check, StringComparison.Ordinal);
        Assert.Contains("may not read and write: orleansstorage", check, StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_WhoMayMakeNoSchema_IsToldWhoGrantsIt()
    {
        await server.Execute("postgres", $"ALTER DATABASE {_database} OWNER TO administrator");
        await Refused(1, $"GRANT CREATE ON DATABASE \"{_database}\" TO \"orchestrator\"", "db", "check");
        await Refused(1, "the user orchestrator lacks a privilege: permission denied", "db", "init");
    }

    [Fact]
    public async Task WrongPassword_UnknownDatabase_AndUnreachableServer_AreToldApart()
    {
        foreach (var verb in (string[])["check", "init"])
        {
            _store.Write("cluster.yaml", ScaledCluster.FileOf(server, _database));
            await RefusedWith("wrong", 1, $"refuses the password of orchestrator, which is in the environment variable {PostgresServer.PasswordVariable}", "db", verb);
            await RefusedWith("", 1, "which is not set", "db", verb);
            _store.Write("cluster.yaml", ScaledCluster.FileOf(server, "nowhere"));
            await Refused(1, "createdb --owner orchestrator nowhere", "db", verb);
            _store.Write("cluster.yaml", ScaledCluster.FileOf(server, _database).Replace($"port: {server.Port}", $"port: {LoopbackPorts.Take(1)[0]}", StringComparison.Ordinal));
            await Refused(1, "cannot be reached: Connection refused", "db", verb);
        }
    }

    [Fact]
    public async Task PasswordFile_IsRead_AndMissedByName()
    {
        var text = ScaledCluster.FileOf(server, _database).Replace($"password_variable: {PostgresServer.PasswordVariable}", "password_file: secret", StringComparison.Ordinal);
        _store.Write("cluster.yaml", text);
        await Refused(1, $"in the file {Path.Combine(Folder, "secret")}, which cannot be read", "db", "check");
        _store.Write("secret", PostgresServer.Password + "\n");
        await Run("db", "init");
    }

    [Fact]
    public async Task WithoutAFile_OrADatabaseInIt_SaysWhichIsMissing()
    {
        _store.Write("cluster.yaml", "version: 1\n");
        await Refused(2, "names no database", "db", "init");
        File.Delete(Path.Combine(Folder, "cluster.yaml"));
        await Refused(2, "There is no cluster.yaml here", "db", "check");
    }

    [Fact]
    public async Task Silos_RefuseAFolderThatIsNotTheDatabasesStore()
    {
        await using var cluster = await ScaledCluster.Create(server);
        var first = cluster.StartControl("a");
        await first.UntilReady();
        var folder = Path.Combine(Folder, "not-mounted");
        var lost = cluster.StartControl("b", [], "--store", folder);
        Assert.Equal(2, await lost.UntilExit());
        Assert.Contains($"The folder {folder} is not the store of the database {cluster.Database}", lost.Output, StringComparison.Ordinal);

        // And the other way round: the store's state is not in the store.
        await using var embedded = await ClientProcess.Run("ls", "--store", cluster.Store.Root);
        Assert.Equal(2, await embedded.WaitForExit());
        Assert.Contains($"is in the database {cluster.Database}", embedded.Errors, StringComparison.Ordinal);
    }

    private DatabaseDefinition Definition()
    {
        Environment.SetEnvironmentVariable(PostgresServer.PasswordVariable, PostgresServer.Password);
        return ClusterReader.ReadFile(Path.Combine(Folder, "cluster.yaml")).Definition!.Database!;
    }

    private async Task<JsonElement> Run(params string[] arguments)
    {
        await using var client = await End(PostgresServer.Password, [.. arguments, "--json"]);
        Assert.True(await client.WaitForExit() == 0, client.Transcript);
        return client.Json.Clone();
    }

    private Task<string> Refused(int code, string message, params string[] arguments) => RefusedWith(PostgresServer.Password, code, message, arguments);

    private async Task<string> RefusedWith(string password, int code, string message, params string[] arguments)
    {
        await using var client = await End(password, arguments);
        Assert.True(await client.WaitForExit() == code, client.Transcript);
        Assert.True(client.Errors.Contains(message, StringComparison.Ordinal), $"'{message}' was expected. {client.Transcript}");
        return client.Errors;
    }

    private async Task<ClientProcess> End(string password, params string[] arguments)
    {
        var client = ClientProcess.StartIn(Folder, new Dictionary<string, string> { [PostgresServer.PasswordVariable] = password }, arguments);
        await client.WaitForExit();
        return client;
    }
}
