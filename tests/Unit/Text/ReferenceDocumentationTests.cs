using System.Text;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Text.Corpus;
using Xunit;

namespace Orchestrator.Unit.Text;

public class ReferenceDocumentationTests
{
    [Fact]
    public void Read_FindsTheDocumentationOfTheRunningSdk()
    {
        var types = new Dictionary<string, Document>();
        var bytes = 0L;
        foreach (var document in CorpusReader.Open(new CorpusDefinition { Kind = "dotnet-docs" }).Read(default))
        {
            bytes += document.Utf8.Length;
            types.TryAdd(document.Source, document);
        }

        Assert.InRange(bytes, 10_000_000, 100_000_000);
        Assert.InRange(types.Count, 2_000, 50_000);
        var text = Encoding.UTF8.GetString(types["System.Runtime.xml#System.String"].Utf8.Span);
        Assert.StartsWith("    <member name=\"T:System.String\">\n", text);
        Assert.EndsWith("</member>\n", text);
        Assert.Contains("<member name=\"M:System.String.IndexOf(System.Char)\">", text);
        Assert.DoesNotContain("name=\"T:System.StringComparer\"", text);
        Assert.DoesNotContain('\r', text);
    }
}
