using Orchestrator.Abstractions.Analyses;
using Orchestrator.Text.Tokens;

namespace Orchestrator.Silo.Plugins;

/// <summary>A split as consecutive contexts that do not overlap, in batches.</summary>
internal static class ValidationStream
{
    private const int BatchContexts = 16;

    /// <param name="file">The split.</param>
    /// <param name="contextLength">Tokens in a context.</param>
    /// <param name="maxTokens">Rounded down to whole contexts, at least one.</param>
    public static IEnumerable<TokenBatch> Read(TokenFile file, int contextLength, long maxTokens)
    {
        var contexts = Math.Min(file.Count / contextLength, Math.Max(1, maxTokens / contextLength));
        for (var done = 0L; done < contexts; done += BatchContexts)
        {
            yield return ReadBatch(file, contextLength, done * contextLength, (int)Math.Min(BatchContexts, contexts - done));
        }
    }

    private static TokenBatch ReadBatch(TokenFile file, int contextLength, long firstToken, int contexts)
    {
        var tokens = new int[contexts * contextLength];
        file.Read(firstToken, tokens);
        var documents = new int[tokens.Length];
        var document = file.DocumentAt(firstToken);
        for (var i = 0; i < documents.Length; i++)
        {
            while (document + 1 < file.DocumentCount && file.DocumentStart(document + 1) <= firstToken + i)
            {
                document++;
            }

            documents[i] = document;
        }

        return new TokenBatch(tokens, contexts, contextLength, firstToken, documents);
    }
}
