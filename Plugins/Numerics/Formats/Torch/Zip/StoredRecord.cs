namespace Orchestrator.Numerics.Formats.Torch.Zip;

/// <summary>One file of a zip archive, as the archive's directory describes it.</summary>
/// <param name="Name">Its whole name in the archive.</param>
/// <param name="Header">Where its local header starts, in bytes from the beginning of the file.</param>
/// <param name="Offset">Where its content starts.</param>
/// <param name="Length">Bytes of its content in the file.</param>
/// <param name="Checksum">CRC-32 of its content.</param>
/// <param name="Method">How its content is compressed; 0: it is stored as it is.</param>
internal sealed record StoredRecord(string Name, long Header, long Offset, long Length, uint Checksum, int Method)
{
    public long End => Offset + Length;
}
