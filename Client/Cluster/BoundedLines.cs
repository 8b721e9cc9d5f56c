namespace Orchestrator.Client.Cluster;

/// <summary>Reads lines of a process that may write anything: one that never ends is cut, not gathered.</summary>
internal static class BoundedLines
{
    /// <summary>Characters of a line that are kept; the rest of it is passed over.</summary>
    public const int MostCharacters = 16_384;

    private const int ReadAtOnce = 8_192;

    /// <summary>Hands over each line until the stream ends.</summary>
    public static Task Read(TextReader reader, Action<string> hear) => Task.Run(async () =>
    {
        var read = new char[ReadAtOnce];
        var line = new System.Text.StringBuilder();
        var length = 0L;
        while (await reader.ReadAsync(read) is > 0 and var count)
        {
            foreach (var character in read.AsSpan(0, count))
            {
                if (character == '\n')
                {
                    End();
                }
                else if (++length <= MostCharacters)
                {
                    line.Append(character);
                }
            }
        }

        if (length > 0)
        {
            End();
        }

        void End()
        {
            var text = line.ToString().TrimEnd('\r');
            hear(length > MostCharacters ? $"{text} … ({length:N0} characters)" : text);
            line.Clear();
            length = 0;
        }
    });
}
