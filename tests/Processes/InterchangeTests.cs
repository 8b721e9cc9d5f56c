using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>Dictionaries go out in another tool's files and come in again, as a user does it.</summary>
[Collection(SmokeCollection.Name)]
public sealed class InterchangeTests(SmokeExperiment smoke) : IDisposable
{
    /// <summary>What the smoke experiment's dictionaries are measured on.</summary>
    private static readonly string[] Evaluation = ["--tokens", "8000", "--ultralow-density", "0.001"];

    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-interchange-").FullName;

    private JsonElement Dictionaries => smoke.First.Json.GetProperty("dictionaries");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ExportedAndImported_MeasuresTheSame_AndGoesByItsName()
    {
        var original = Dictionaries[0];
        var id = original.GetProperty("id").GetString()!;
        var folder = Path.Combine(_folder, "out");
        await using (var export = await Run("export", id, folder, "--format", "saelens", "--json"))
        {
            Assert.True(await export.WaitForExit() == 0, export.Transcript);
            Assert.Equal(["cfg.json", "sae_weights.safetensors", "sparsity.safetensors"], export.Json.GetProperty("files").EnumerateArray().Select(file => file.GetString()));
            Assert.All(export.Json.GetProperty("files").EnumerateArray(), file => Assert.True(File.Exists(Path.Combine(folder, file.GetString()!))));
        }

        await using (var import = await Run(["import", folder, "--as", "round-trip", "--model", original.GetProperty("model").GetString()!, .. Evaluation, "--json"]))
        {
            Assert.True(await import.WaitForExit() == 0, import.Transcript);
            var imported = import.Json.GetProperty("result");
            Assert.NotEqual(id, import.Json.GetProperty("dictionary").GetString());
            Assert.All(["l0", "loss_recovered", "explained_variance", "loss_spliced"], metric => Assert.Equal(original.GetProperty(metric).GetDouble(), imported.GetProperty(metric).GetDouble(), 1e-6));
            Assert.Equal(original.GetProperty("dead_features").GetInt32(), imported.GetProperty("dead_features").GetInt32());
            Assert.Contains("SAELens standard", imported.GetProperty("imported_from").GetString(), StringComparison.Ordinal);
            Assert.False(imported.TryGetProperty("l1_coefficient", out _));   // nobody told how it was trained
        }

        await using (var features = await Run("features", "round-trip", "--limit", "3", "--json"))
        {
            Assert.True(await features.WaitForExit() == 0, features.Transcript);
            Assert.Equal(3, features.Json.GetProperty("features").GetArrayLength());
        }

        await using (var feature = await Run("feature", "round-trip/0"))
            Assert.True(await feature.WaitForExit() == 0, feature.Transcript);
    }

    [Fact]
    public async Task DictionaryOfTheRandomTwin_IsExported_AndTheFolderIsNotOverwrittenUnasked()
    {
        var twin = smoke.First.Json.GetProperty("models").EnumerateArray().Single(model => model.GetProperty("random_weights").GetBoolean()).GetProperty("id").GetString();
        var id = Dictionaries.EnumerateArray().First(dictionary => dictionary.GetProperty("model").GetString() == twin).GetProperty("id").GetString()!;
        var folder = Path.Combine(_folder, "twin");
        await using (var export = await Run("export", id, folder))
            Assert.True(await export.WaitForExit() == 0, export.Transcript);
        var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "cfg.json")))!;
        Assert.Equal(twin, config["metadata"]!["model_name"]!.GetValue<string>());
        Assert.Equal(64, config["metadata"]!["context_size"]!.GetValue<int>());
        await File.WriteAllTextAsync(Path.Combine(folder, "cfg.json"), "mine");
        await using (var again = await Run("export", id, folder))
        {
            Assert.Equal(2, await again.WaitForExit());
            Assert.Contains("--force", again.Errors, StringComparison.Ordinal);
            Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(folder, "cfg.json")));
        }

        await using var forced = await Run("export", id, folder, "--force");
        Assert.True(await forced.WaitForExit() == 0, forced.Transcript);
        Assert.Contains("architecture", await File.ReadAllTextAsync(Path.Combine(folder, "cfg.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfWhatCannotBeHeld_FailsWithItsName_AndGivesNone()
    {
        var original = Dictionaries[0];
        var folder = Path.Combine(_folder, "bad");
        await using (var export = await Run("export", original.GetProperty("id").GetString()!, folder))
            Assert.True(await export.WaitForExit() == 0, export.Transcript);
        var path = Path.Combine(folder, "cfg.json");
        var config = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        config["normalize_activations"] = "layer_norm";
        await File.WriteAllTextAsync(path, config.ToJsonString());
        await using (var import = await Run("import", folder, "--as", "unheld", "--model", original.GetProperty("model").GetString()!))
        {
            Assert.Equal(1, await import.WaitForExit());
            Assert.Contains(path, import.Errors, StringComparison.Ordinal);
            Assert.Contains("layer_norm", import.Errors, StringComparison.Ordinal);
        }

        await using var features = await Run("features", "unheld");
        Assert.Equal(2, await features.WaitForExit());
    }

    [Theory]
    [InlineData("There is no folder", "import", "no-such-folder", "--model", "MODEL")]
    [InlineData("There is no model 'model-zzz'", "import", ".", "--model", "model-zzz")]
    [InlineData("'cafe' can be no name", "import", ".", "--model", "MODEL", "--as", "cafe")]
    [InlineData("'elsewhere' is no hook point", "import", ".", "--model", "MODEL", "--hook-point", "elsewhere")]
    [InlineData("'pickle' is no format", "export", "DICTIONARY", "out", "--format", "pickle")]
    [InlineData("There is no dictionary 'dictionary-zzz'", "export", "dictionary-zzz", "out")]
    public async Task Mistakes_GiveOneMessage(string expected, params string[] arguments)
    {
        var known = new Dictionary<string, string>
        {
            ["MODEL"] = Dictionaries[0].GetProperty("model").GetString()!,
            ["DICTIONARY"] = Dictionaries[0].GetProperty("id").GetString()!,
        };
        await using var client = await Run([.. arguments.Select(argument => known.GetValueOrDefault(argument, argument))]);
        Assert.Equal(2, await client.WaitForExit());
        Assert.Contains(expected, client.Errors.Split('\n')[0], StringComparison.Ordinal);
    }

    private Task<ClientProcess> Run(params string[] arguments) => ClientProcess.Run([.. arguments, "--store", smoke.Store.Root]);
}
