using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.Numerics.Formats.Torch.Pickle;

/// <summary>The bytes of a pickle, front to back. <see cref="Site"/> is where the current instruction began.</summary>
internal sealed class PickleInput(byte[] pickle, string file, string record)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _position;
    private int _instruction;

    public PickleSite Site => new(file, record, _instruction);

    public int Remaining => pickle.Length - _position;

    public byte ReadOpcode()
    {
        _instruction = _position;
        return ReadByte();
    }

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(sizeof(double)));

    /// <exception cref="InvalidDataException">The pickle has fewer.</exception>
    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)Remaining)
            throw Site.Invalid($"an instruction needs {count} bytes, but the pickle ends after {Remaining}");
        var bytes = pickle.AsSpan(_position, (int)count);
        _position += (int)count;
        return bytes;
    }

    /// <exception cref="InvalidDataException">The pickle has fewer bytes, or they are not UTF-8.</exception>
    public string ReadText(ulong count) => Decode(Take(count));

    /// <summary>A text up to the next line feed.</summary>
    /// <exception cref="InvalidDataException">There is no line feed, or the text is not UTF-8.</exception>
    public string ReadLine()
    {
        var length = pickle.AsSpan(_position).IndexOf((byte)'\n');
        if (length < 0)
            throw Site.Invalid("the line of an instruction does not end");
        var line = Decode(Take((ulong)length));
        _position++;
        return line;
    }

    private string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Site.Invalid("a text is not UTF-8");
        }
    }
}
