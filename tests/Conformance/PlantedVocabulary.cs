using System.Text;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Conformance;

/// <summary>A vocabulary of whole strings; the last is the end of text.</summary>
public sealed class PlantedVocabulary(params string[] tokens) : ITokenVocabulary
{
    public int Size => tokens.Length;

    public int EndOfText => tokens.Length - 1;

    public ReadOnlyMemory<byte> Bytes(int token) => Encoding.UTF8.GetBytes(tokens[token]);

    public string Display(int token) => tokens[token];

    public string Text(ReadOnlySpan<int> row)
    {
        var text = new StringBuilder();
        foreach (var token in row)
        {
            text.Append(tokens[token]);
        }

        return text.ToString();
    }
}
