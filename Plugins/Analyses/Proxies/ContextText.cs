using System.Buffers;
using System.Text;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.Proxies;

/// <summary>
/// What a model sees of one document in one context: its tokens as characters, each with the tokens that hold its bytes,
/// for a token of a byte-level vocabulary may hold a part of a character. Reused from text to text.
/// </summary>
internal sealed class ContextText(ITokenVocabulary vocabulary)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _tokenOfByte = [];
    private readonly List<int> _firstByte = [];
    private readonly StringBuilder _builder = new();
    private readonly List<(int First, int Last)> _tokensOfCharacter = [];
    private int[] _tokens = [];
    private int[] _scripts = [];
    private bool[] _seen = [];
    private bool[] _open = [];

    /// <summary>The tokens.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>Their text, UTF-16; bytes that are no character are U+FFFD.</summary>
    public string Characters { get; private set; } = "";

    /// <summary>Reads tokens in a row.</summary>
    public void Read(ReadOnlySpan<int> tokens)
    {
        _tokens = tokens.ToArray();
        _scripts = new int[tokens.Length];
        Array.Fill(_scripts, Script.None);
        (_seen, _open) = (new bool[tokens.Length], new bool[tokens.Length]);
        _bytes.ResetWrittenCount();
        _tokenOfByte.Clear();
        _firstByte.Clear();
        for (var token = 0; token < tokens.Length; token++)
        {
            var bytes = BytesOf(token);
            _firstByte.Add(_tokenOfByte.Count);
            _bytes.Write(bytes);
            for (var i = 0; i < bytes.Length; i++)
            {
                _tokenOfByte.Add(token);
            }
        }

        Decode();
    }

    /// <summary>The bytes of a token; none of the end of text.</summary>
    public ReadOnlySpan<byte> BytesOf(int token) =>
        _tokens[token] == vocabulary.EndOfText ? default : vocabulary.Bytes(_tokens[token]).Span;

    /// <summary>First and last of the tokens that hold bytes of a character.</summary>
    /// <param name="character">Index into <see cref="Characters"/>.</param>
    public (int First, int Last) TokensOf(int character) => _tokensOfCharacter[character];

    /// <summary>
    /// The script to which every character belongs of which a token holds any part; a space at its beginning, as words
    /// have, is not counted. <see cref="Script.None"/> where they belong to none, to several, or there are none.
    /// </summary>
    public int ScriptOf(int token) => _scripts[token];

    /// <summary>Whether a token ends within a character, so that nothing up to it tells which.</summary>
    public bool IsOpen(int token) => _open[token];

    private void Decode()
    {
        _builder.Clear();
        _tokensOfCharacter.Clear();
        var bytes = _bytes.WrittenSpan;
        for (var at = 0; at < bytes.Length;)
        {
            var isCharacter = Rune.DecodeFromUtf8(bytes[at..], out var rune, out var length) == OperationStatus.Done;
            var tokens = (First: _tokenOfByte[at], Last: _tokenOfByte[at + length - 1]);
            _builder.Append(rune.ToString());
            for (var i = 0; i < rune.Utf16SequenceLength; i++)
            {
                _tokensOfCharacter.Add(tokens);
            }

            var beginsWord = rune.Value == ' ' && _firstByte[tokens.First] == at && at + 1 < bytes.Length && _tokenOfByte[at + 1] == tokens.First;
            if (!beginsWord)
            {
                AddToScripts(tokens.First, tokens.Last, isCharacter ? Script.Of(rune) : Script.None);
            }

            at += length;
        }

        Characters = _builder.ToString();
    }

    private void AddToScripts(int first, int last, int script)
    {
        for (var token = first; token <= last; token++)
        {
            _scripts[token] = !_seen[token] || _scripts[token] == script ? script : Script.None;
            _seen[token] = true;
            _open[token] |= token < last;
        }
    }
}
