using Orchestrator.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Specs;

public sealed class SpecReferenceTests
{
    /// <summary>After a change of the schema, run the tests once with this set to 1 and commit the file.</summary>
    private const string UpdateVariable = "ORCHESTRATOR_UPDATE_REFERENCE";

    [Fact]
    public void Write_GivesTheCommittedReference()
    {
        var path = Path.Combine(Repository.Experiments, "README.md");
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(path, SpecReference.Write());
        }

        Assert.Equal(SpecReference.Write(), File.ReadAllText(path).ReplaceLineEndings("\n"));
    }
}
