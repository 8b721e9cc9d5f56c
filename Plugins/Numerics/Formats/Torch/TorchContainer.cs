using System.Globalization;
using System.Text;
using Orchestrator.Numerics.Formats.Torch.Zip;

namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>
/// The zip archive that <c>torch.save</c> writes since PyTorch 1.6: one folder with <c>data.pkl</c>, <c>version</c>, and a
/// record <c>data/KEY</c> for each storage; newer versions add <c>byteorder</c>, and records that tell how storages are
/// ordered and aligned, which nothing here depends on.
/// </summary>
internal sealed class TorchContainer
{
    private const string PickleName = "data.pkl";
    private const int MaxPickleBytes = 1 << 26;
    private const int MaxNoteBytes = 64;

    // What PyTorch 2.x reads; torch.save writes 3.
    private const int MinVersion = 1;
    private const int MaxVersion = 10;

    private readonly string _path;
    private readonly string _folder;
    private readonly StoredZip _zip;

    private TorchContainer(string path, string folder, StoredZip zip)
    {
        _path = path;
        _folder = folder;
        _zip = zip;
    }

    /// <summary>The pickle's name in the archive.</summary>
    public string PickleRecord => _folder + PickleName;

    /// <exception cref="InvalidDataException">It is another kind of file, an archive of another kind, or damaged.</exception>
    public static TorchContainer Read(ElementFile file)
    {
        ForeignFile.Refuse(file);
        var zip = StoredZip.Read(file);
        var container = new TorchContainer(file.Path, FolderOf(file.Path, zip), zip);
        if (container.IsTorchScript())
            throw ArchiveFault.In(file.Path, "it is a TorchScript program; save the module's state_dict with torch.save instead");
        if (container.Record(PickleName) is null)
            throw ArchiveFault.In(file.Path, $"it is a zip archive without {PickleName}; it has {Excerpt.Names([.. zip.Records.Keys])}");
        zip.RequireStored();
        container.RequireVersion();
        return container;
    }

    /// <summary>The bytes of the pickle.</summary>
    /// <exception cref="InvalidDataException">They are too many, or damaged.</exception>
    public byte[] ReadPickle() => _zip.ReadAll(Record(PickleName)!, MaxPickleBytes);

    /// <summary>The record of a storage; null: there is none.</summary>
    public StoredRecord? Storage(string key) => Record("data/" + key);

    /// <summary>Compares a record with its checksum, once for each.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public void Verify(StoredRecord record) => _zip.Verify(record);

    private static string FolderOf(string path, StoredZip zip)
    {
        var first = zip.Records.Keys.FirstOrDefault() ?? throw ArchiveFault.In(path, "it is a zip archive without any record");
        var folder = first[..(first.IndexOf('/') + 1)];
        var stray = folder.Length == 0 ? first : zip.Records.Keys.FirstOrDefault(name => !name.StartsWith(folder, StringComparison.Ordinal));
        return stray is null
            ? folder
            : throw ArchiveFault.In(path, $"it is a zip archive whose records do not share one folder: '{Excerpt.Text(first)}', '{Excerpt.Text(stray)}'");
    }

    private StoredRecord? Record(string name) => _zip.Records.GetValueOrDefault(_folder + name);

    private bool IsTorchScript() =>
        Record("constants.pkl") is not null || _zip.Records.Keys.Any(name => name.StartsWith(_folder + "code/", StringComparison.Ordinal));

    private void RequireVersion()
    {
        var version = Note("version") ?? Note(".data/version") ?? throw ArchiveFault.In(_path, "it has no record 'version'");
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < MinVersion or > MaxVersion)
            throw ArchiveFault.In(_path, $"its version is '{Excerpt.Text(version)}', not from {MinVersion} to {MaxVersion}");
        if (Note("byteorder") is { } order and not "little")
            throw ArchiveFault.In(_path, $"its byte order is '{Excerpt.Text(order)}', not 'little'");
    }

    private string? Note(string name) =>
        Record(name) is { } record ? Encoding.Latin1.GetString(_zip.ReadAll(record, MaxNoteBytes)).TrimEnd('\n') : null;
}
