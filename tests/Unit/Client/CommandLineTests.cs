using Orchestrator.Client;
using Orchestrator.Client.Display;
using Xunit;

namespace Orchestrator.Unit.Client;

public sealed class CommandLineTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    [Theory]
    [InlineData("A command is missing; there are: run, plan, schema, up, down, db, submit, diff, ls, show, why, watch, logs, cancel, pause, resume, retry, set, gc, plugin, token, features, feature, note, import, export.")]
    [InlineData("There is no command 'rum'; there are: run, plan, schema, up, down, db, submit, diff, ls, show, why, watch, logs, cancel, pause, resume, retry, set, gc, plugin, token, features, feature, note, import, export.", "rum", "x")]
    [InlineData("There is no option '--stroe'; allowed: --store, --json, --help.", "show", "x", "--stroe", "y")]
    [InlineData("show has no place for 'y'.", "show", "x", "y")]
    [InlineData("'tpu' is no device; allowed: cpu, cuda:0, cuda:1 …", "run", "x.yaml", "--device", "tpu")]
    [InlineData("--gateway-port is a number from 1024 to 65535.", "up", "--gateway-port", "80")]
    [InlineData("There is no option '--ports'; allowed: --cluster, --store, --device, --control-port, --gateway-port, --device-port, --foreground, --json, --help.", "up", "--ports", "80")]
    [InlineData("There is no store at /no-such-store. Name one with --store.", "down", "--store", "/no-such-store")]
    [InlineData("'colour' is no setting; allowed: priority, weight, max-devices.", "set", "x", "colour", "5")]
    [InlineData("'high' is no priority; allowed: a whole number from -1000 to 1000.", "set", "x", "priority", "high")]
    [InlineData("'0.5' is no max-devices; allowed: a whole number of 1 or more, or none.", "set", "x", "max-devices", "0.5")]
    [InlineData("retry has to be told what; allowed: --failed.", "retry", "x")]
    [InlineData("--limit is a number from 1 to 1000.", "features", "x", "--limit", "0")]
    [InlineData("--limit is a number from 1 to 1000.", "features", "x", "--limit", "many")]
    [InlineData("--store is empty; allowed: a folder.", "plan", "x.yaml", "--store", "")]
    [InlineData("SPEC is empty; allowed: a YAML file.", "plan", "")]
    [InlineData("'x' is no feature; allowed: DICTIONARY/INDEX, for example dictionary-3fa9c2e1aa07/17.", "feature", "x", "--store", "no-such-store")]
    [InlineData("DIR is empty; allowed: a folder.", "import", "", "--model", "x")]
    [InlineData("The store holds no trained model yet, and a dictionary is measured on one: run a spec first.", "import", ".")]
    [InlineData("--tokens is a number above 0.", "import", ".", "--model", "x", "--tokens", "few")]
    [InlineData("--ultralow-density is a number between 0 and 1.", "import", ".", "--model", "x", "--ultralow-density", "1")]
    [InlineData("The store holds no model yet.", "import", ".", "--model", "x", "--store", "no-such-store")]
    [InlineData("'gguf' is no format; allowed: saelens.", "export", "x", "out", "--format", "gguf")]
    [InlineData("The store holds no dictionary yet.", "export", "x", "out", "--store", "no-such-store")]
    [InlineData("The store holds no dictionary yet.", "features", "x", "--store", "no-such-store")]
    public async Task Mistakes_AreOneMessageEachAndExitCodeTwo(string expected, params string[] arguments)
    {
        Assert.Equal(ExitCodes.BadUsage, await Run(arguments));
        Assert.Equal("", _output.ToString());
        Assert.Equal(expected, _errors.ToString().Split(Environment.NewLine)[0]);
    }

    [Theory]
    [InlineData("watch", "x")]
    [InlineData("why", "x")]
    [InlineData("cancel", "x")]
    [InlineData("pause", "x")]
    [InlineData("resume", "x")]
    [InlineData("retry", "x", "--failed")]
    [InlineData("set", "x", "priority", "-5")]
    public async Task WithoutACluster_TheMessageSaysHowToStartOne(params string[] arguments)
    {
        Assert.Equal(ExitCodes.Failed, await Run([.. arguments, "--store", "no-such-store"]));
        var store = Path.GetFullPath("no-such-store");
        Assert.StartsWith($"No cluster is up on the store {store}. Start one: ", _errors.ToString(), StringComparison.Ordinal);
        Assert.EndsWith($"up --store {store}", _errors.ToString().Trim(), StringComparison.Ordinal);
    }

    private Task<int> Run(string[] arguments) =>
        CommandLine.Run(arguments, new ClientContext(new Screen(_output, _errors, terminal: null), TimeProvider.System, AppContext.BaseDirectory));
}
