using System.Text;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Unit.Analyses;

/// <summary>A vocabulary of bytes, which need not be whole characters; one token more is the end of text.</summary>
internal sealed class PlantedBytes(params byte[][] tokens) : ITokenVocabulary
{
    public int Size => tokens.Length + 1;

    public int EndOfText => tokens.Length;

    public ReadOnlyMemory<byte> Bytes(int token) => token == EndOfText ? Encoding.UTF8.GetBytes("<|endoftext|>") : tokens[token];

    public string Display(int token) => Text([token]);

    public string Text(ReadOnlySpan<int> row)
    {
        var bytes = new List<byte>();
        foreach (var token in row)
        {
            bytes.AddRange(Bytes(token).Span);
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
