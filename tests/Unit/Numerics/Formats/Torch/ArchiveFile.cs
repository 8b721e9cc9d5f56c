using Orchestrator.Numerics.Formats.Torch;

namespace Orchestrator.Unit.Numerics.Formats.Torch;

/// <summary>A file in a folder of its own that tests fill and open as an archive.</summary>
internal sealed class ArchiveFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("torch-archive").FullName;

    public string Path => System.IO.Path.Combine(_folder, "ae.pt");

    public TorchArchive Open(byte[] content)
    {
        File.WriteAllBytes(Path, content);
        return TorchArchive.Open(Path);
    }

    public TorchArchive Open(TorchArchiveWriter writer) => Open(writer.ToBytes());

    /// <summary>An archive around a value that needs no storages.</summary>
    public TorchArchive OpenValue(object? root, int protocol = 2) => Open(new TorchArchiveWriter { Protocol = protocol }.Save(root));

    /// <summary>The message with which the content is refused; it always names the file.</summary>
    public string Refusal(byte[] content)
    {
        var exception = Xunit.Assert.Throws<InvalidDataException>(() => Open(content).Dispose());
        Xunit.Assert.StartsWith(Path, exception.Message);
        return exception.Message;
    }

    public string Refusal(TorchArchiveWriter writer) => Refusal(writer.ToBytes());

    /// <summary>As <see cref="Refusal(byte[])"/>, of a pickle given in Latin-1 beside one storage of four float32.</summary>
    public string RefusalOfPickle(string pickle)
    {
        var writer = new TorchArchiveWriter();
        writer.Storage("FloatStorage", 1f, 2, 3, 4);
        return Refusal(writer.SavePickle(System.Text.Encoding.Latin1.GetBytes(pickle)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
