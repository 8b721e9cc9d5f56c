using System.Text;
using Xunit;

namespace Orchestrator.Unit.Numerics.Formats.Torch;

/// <summary>
/// What pickles are refused for. They are written in Latin-1, one character a byte, beside a storage '0' of four float32.
/// </summary>
public sealed class TorchPickleTests : IDisposable
{
    private const string Begin = "\u0080\u0002";
    private const string Id = "(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0004t";
    private const string Storage = Id + "Q";
    private const string Rebuild = "ctorch._utils\n_rebuild_tensor_v2\n(" + Storage;
    private const string Tensor = Rebuild + "K\0K\u0004\u0085K\u0001\u0085\u0089}tR";
    private const string OrderedDict = "ccollections\nOrderedDict\n)R";

    private readonly ArchiveFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Open_TakesTheTensorThatTheOthersSpoil()
    {
        var writer = new TorchArchiveWriter();
        writer.Storage("FloatStorage", 1f, 2, 3, 4);
        using var archive = _file.Open(writer.SavePickle(Encoding.Latin1.GetBytes(Begin + Tensor + ".")));

        Assert.Equal([1f, 2, 3, 4], archive.ReadSingle(""));
    }

    [Fact]
    public void Open_NamesTheGlobalItsPlaceAndWhatIsAllowed()
    {
        // What os.system('true') is pickled as, in a dict behind a number.
        var message = _file.RefusalOfPickle(Begin + "}X\u0001\0\0\0aK\u0001cos\nsystem\nX\u0004\0\0\0true\u0085Rs.");

        Assert.Equal(
            $"{_file.Path} is not a PyTorch archive that is read here: at byte 11 of its record 'archive/data.pkl', " +
            "the pickle asks for the global 'os.system', which is not allowed; allowed are __builtin__.bytes, _codecs.encode, " +
            "builtins.bytes, collections.OrderedDict, torch.BFloat16Storage, torch.BoolStorage, torch.ByteStorage, " +
            "torch.CharStorage, torch.DoubleStorage, torch.FloatStorage, torch.HalfStorage, torch.IntStorage, " +
            "torch.LongStorage, torch.ShortStorage, torch.Size, torch._utils._rebuild_parameter, " +
            "torch._utils._rebuild_tensor_v2, torch._utils._rebuild_tensor_v3, torch.bfloat16, torch.bool, torch.device, " +
            "torch.float16, torch.float32, torch.float64, torch.int16, torch.int32, torch.int64, torch.int8, " +
            "torch.storage.UntypedStorage, torch.uint8.",
            message);
    }

    [Theory]
    [InlineData("c__builtin__\neval\n.", "'__builtin__.eval'")]
    [InlineData("cbuiltins\ngetattr\n.", "'builtins.getattr'")]
    [InlineData("cposix\nsystem\n.", "'posix.system'")]
    [InlineData("ctorch\nload\n.", "'torch.load'")]
    [InlineData("ctorch.serialization\nload\n.", "'torch.serialization.load'")]
    [InlineData("ctorch\nFloatStorage.from_file\n.", "'torch.FloatStorage.from_file'")]
    [InlineData("ccollections\nOrderedDict.fromkeys\n.", "'collections.OrderedDict.fromkeys'")]
    [InlineData("cnumpy.core.multiarray\nscalar\n.", "'numpy.core.multiarray.scalar'")]
    [InlineData("ctorch\ncomplex64\n.", "'torch.complex64'")]
    [InlineData("X\u0002\0\0\0osX\u0006\0\0\0system\u0093.", "'os.system'")]
    [InlineData("K\u0001X\u0006\0\0\0system\u0093.", "the module and the name of a global are not texts")]
    [InlineData("cos\n\u001b[2J\n.", "'os.\uFFFD[2J'")]
    public void Open_RefusesOtherGlobals(string instructions, string problem) => Refuses(instructions, problem);

    [Theory]
    [InlineData("(S'true'\nios\nsystem\n.", "STRING (0x53)")]
    [InlineData("(ios\nsystem\n.", "INST (0x69)")]
    [InlineData("(ccollections\nOrderedDict\no.", "OBJ (0x6f)")]
    [InlineData("ccollections\nOrderedDict\n)\u0081.", "NEWOBJ (0x81)")]
    [InlineData("ccollections\nOrderedDict\n)}\u0092.", "NEWOBJ_EX (0x92)")]
    [InlineData("\u0082\u0001.", "EXT1 (0x82)")]
    [InlineData("\u0083\u0001\0.", "EXT2 (0x83)")]
    [InlineData("\u0084\u0001\0\0\0.", "EXT4 (0x84)")]
    [InlineData("P0\n.", "PERSID (0x50)")]
    [InlineData("I1\n.", "INT (0x49)")]
    [InlineData("K\u00012.", "DUP (0x32)")]
    [InlineData("\u008b\u0001\0\0\0\u0005.", "LONG4 (0x8b)")]
    [InlineData("\u008f.", "EMPTY_SET (0x8f)")]
    [InlineData("\u0096\u0001\0\0\0\0\0\0\0a.", "BYTEARRAY8 (0x96)")]
    [InlineData("\u0097.", "NEXT_BUFFER (0x97)")]
    [InlineData("\u0080\u0002K\u0001.", "PROTO (0x80)")]
    [InlineData("\u00ff.", "0xff")]
    public void Open_RefusesOtherInstructions(string instructions, string problem) =>
        Refuses(instructions, $"the instruction {problem}, which is not among those that build plain values and tensors");

    [Theory]
    [InlineData("", "ends after 0")]
    [InlineData("K\u0001", "ends after 0")]
    [InlineData(".", "needs a value")]
    [InlineData("K\u0001(.", "needs a value")]
    [InlineData("K\u0001K\u0002.", "left over")]
    [InlineData("K\u0001(K\u0002t.", "left over")]
    [InlineData("K\u0001.N", "left over")]
    [InlineData("t.", "needs a mark")]
    [InlineData("K\u0001\u0086.", "needs a value")]
    [InlineData("K\u0001(K\u0002\u0086.", "needs a value")]
    [InlineData("h\u0005.", "recalls value 5")]
    [InlineData("q\u0005.", "needs a value")]
    [InlineData("\u0094.", "needs a value")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ffab.", "needs 4294967295 bytes")]
    [InlineData("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ffab.", "needs 18446744073709551615 bytes")]
    [InlineData("\u008e\0\0\0\0\0\0\0\u0001ab.", "needs 72057594037927936 bytes")]
    [InlineData("B\u00ff\u00ff\u00ff\u007fab.", "needs 2147483647 bytes")]
    [InlineData("\u0095\u00ff\0\0\0\0\0\0\0N.", "a frame claims 255 bytes")]
    [InlineData("X\u0001\0\0\0\u00ff.", "not UTF-8")]
    [InlineData("X\u0003\0\0\0\u00ed\u00a0\u0080.", "not UTF-8")]
    [InlineData("ctorch\nfloat32", "does not end")]
    [InlineData("K\u0001K\u0002a.", "appended to an int")]
    [InlineData(")(K\u0002e.", "appended to a tuple of 0")]
    [InlineData("}K\u0002a.", "appended to a dict")]
    [InlineData("]K\u0001K\u0002s.", "set in a list")]
    [InlineData("}(K\u0001u.", "a key has no value")]
    [InlineData("}NK\u0002s.", "None as a key")]
    [InlineData("}\u0088K\u0002s.", "a bool as a key")]
    [InlineData("}G\0\0\0\0\0\0\0\0K\u0002s.", "a float as a key")]
    [InlineData("}K\u0001\u0085K\u0002s.", "a tuple of 1 as a key")]
    [InlineData("}" + Tensor + "K\u0002s.", "a tensor as a key")]
    [InlineData("ccollections\nOrderedDict\n]R.", "called with a list")]
    [InlineData("X\u0001\0\0\0a)R.", "a str is called")]
    [InlineData("])R.", "a list is called")]
    [InlineData("ctorch\nFloatStorage\n)R.", "the global torch.FloatStorage is called, which only names a type")]
    [InlineData("ctorch\nfloat32\n)R.", "the global torch.float32 is called, which only names a type")]
    [InlineData("ccollections\nOrderedDict\n]\u0085R.", "OrderedDict has 1 arguments, not 0")]
    [InlineData("c__builtin__\nbytes\nJ\u00ff\u00ff\u00ff\u007f\u0085R.", "bytes has 1 arguments, not 0")]
    [InlineData("c_codecs\nencode\nX\u0001\0\0\0aX\u0003\0\0\0hex\u0086R.", "another encoding than latin1")]
    [InlineData("c_codecs\nencode\nX\u0003\0\0\0\u00e2\u0082\u00acX\u0006\0\0\0latin1\u0086R.", "not latin1")]
    [InlineData("c_codecs\nencode\nK\u0001X\u0006\0\0\0latin1\u0086R.", "the text of _codecs.encode is an int, not a str")]
    [InlineData("ctorch\nSize\nK\u0001\u0085R.", "the shape of torch.Size is an int, not a tuple")]
    [InlineData("ctorch\nSize\nN\u0085\u0085R.", "the shape of torch.Size holds None, not an int")]
    [InlineData("ctorch\ndevice\nK\u0001\u0085R.", "type of torch.device is an int, not a str")]
    public void Open_RefusesMalformedPickles(string instructions, string problem) => Refuses(instructions, problem);

    [Theory]
    [InlineData("}}b.", "BUILD sets the state of a dict to a dict")]
    [InlineData(Tensor + "}b.", "BUILD sets the state of a tensor to a dict")]
    [InlineData("]}b.", "BUILD sets the state of a list")]
    [InlineData("ccollections\nOrderedDict\n}b.", "BUILD sets the state of the global collections.OrderedDict")]
    [InlineData(OrderedDict + "N}\u0086b.", "BUILD sets the state of an OrderedDict to a tuple of 2")]
    public void Open_RefusesStatesOfAnythingButOrderedDicts(string instructions, string problem) => Refuses(instructions, problem);

    [Theory]
    [InlineData("K\u0001Q.", "a persistent id is not a tuple")]
    [InlineData(")Q.", "a persistent id has 0 arguments, not 5")]
    [InlineData("(K\u0001K\u0001K\u0001K\u0001K\u0001tQ.", "the kind of a persistent id is an int")]
    [InlineData("(X\u0006\0\0\0moduleNNNNtQ.", "of kind 'module', not 'storage'")]
    [InlineData("(X\u0007\0\0\0storagectorch\nfloat32\nNNNtQ.", "the class of a persistent id is the global torch.float32, not a class of storages")]
    [InlineData("(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\01X\u0003\0\0\0cpuK\u0004tQ.", "needs the storage '1', which the archive lacks")]
    [InlineData("(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u000b\0\0\0../data.pklX\u0003\0\0\0cpuK\u0004tQ.", "needs the storage '../data.pkl', which the archive lacks")]
    [InlineData("(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0005tQ.", "should have 5 elements of 4 bytes, but its record has 16 bytes")]
    [InlineData("(X\u0007\0\0\0storagectorch\nDoubleStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0004tQ.", "should have 4 elements of 8 bytes, but its record has 16 bytes")]
    [InlineData("(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuJ\u00ff\u00ff\u00ff\u00fftQ.", "is -1, not from 0")]
    [InlineData(Storage + ".", "the pickle has left a storage as the value ''")]
    [InlineData("ctorch\nFloatStorage\n.", "the pickle has left the global torch.FloatStorage as the value ''")]
    public void Open_RefusesStoragesThatAreNotThere(string instructions, string problem) => Refuses(instructions, problem);

    [Theory]
    [InlineData("K\0K\u0005\u0085K\u0001\u0085\u0089}tR.", "of shape [5], strides [1] and offset 0 ends at element 4 of a storage that has 4")]
    [InlineData("K\u0001K\u0004\u0085K\u0001\u0085\u0089}tR.", "offset 1 ends at element 4 of a storage that has 4")]
    [InlineData("K\u0004))\u0089}tR.", "ends at element 4 of a storage that has 4")]
    [InlineData("K\0K\u0002K\u0002\u0086K\u0003K\u0001\u0086\u0089}tR.", "strides [3, 1] and offset 0 ends at element 4")]
    [InlineData("J\u00ff\u00ff\u00ff\u00ffK\u0004\u0085K\u0001\u0085\u0089}tR.", "storage_offset of torch._utils._rebuild_tensor_v2 is -1, not from 0 to 2^63 - 1")]
    [InlineData("K\0J\u00ff\u00ff\u00ff\u00ff\u0085K\u0001\u0085\u0089}tR.", "size of torch._utils._rebuild_tensor_v2 is -1")]
    [InlineData("K\u0003K\u0004\u0085J\u00ff\u00ff\u00ff\u00ff\u0085\u0089}tR.", "stride of torch._utils._rebuild_tensor_v2 is -1")]
    [InlineData("K\0\u008a\u0009\0\0\0\0\0\0\0\0\u0001\u0085K\u0001\u0085\u0089}tR.", "size of torch._utils._rebuild_tensor_v2 is 18446744073709551616")]
    [InlineData("K\0\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f\u0085K\u0001\u0085\u0089}tR.", "overflows")]
    [InlineData("K\0\u008a\u0008\0\0\0\0\0\0\0\u0020K\0\u0086K\u0001K\u0001\u0086\u0089}tR.", "overflows")]
    [InlineData("K\u0001K\u0002\u0085\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f\u0085\u0089}tR.", "overflows")]
    [InlineData("K\0\u008a\u0005\0\0\0\0\u0001\u008a\u0005\0\0\0\0\u0001\u0086K\0K\0\u0086\u0089}tR.", "overflows")]
    [InlineData("K\0J\u0001\0\0\u0001\u0085K\0\u0085\u0089}tR.", "repeats the 4 elements of its storage to 16777217, more than 16777216")]
    [InlineData("K\0K\u0004\u0085)\u0089}tR.", "a tensor has 1 dimensions, but 0 strides")]
    [InlineData("K\0K\u0004K\u0001\u0085\u0089}tR.", "size of torch._utils._rebuild_tensor_v2 is an int, not a tuple")]
    [InlineData("K\0K\u0004\u0085K\u0001\u0085K\0}tR.", "requires_grad of torch._utils._rebuild_tensor_v2 is an int, not a bool")]
    [InlineData("K\0K\u0004\u0085K\u0001\u0085\u0089]tR.", "backward_hooks of torch._utils._rebuild_tensor_v2 is a list that is not empty")]
    [InlineData("K\0K\u0004\u0085K\u0001\u0085\u0089}K\u0001NstR.", "backward_hooks of torch._utils._rebuild_tensor_v2 is a dict that is not empty")]
    [InlineData("K\0K\u0004\u0085K\u0001\u0085\u0089}}X\u0004\0\0\0conj\u0088stR.", "metadata of torch._utils._rebuild_tensor_v2 is a dict that is not empty")]
    [InlineData("K\0K\u0004\u0085K\u0001\u0085\u0089tR.", "has 5 arguments, not 6 to 7")]
    public void Open_RefusesTensorsThatDoNotFit(string arguments, string problem) => Refuses(Rebuild + arguments, problem);

    [Theory]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\n(K\u0001K\0K\u0004\u0085K\u0001\u0085\u0089}tR.", "storage of torch._utils._rebuild_tensor_v2 is an int, not a storage")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v3\n(" + Storage + "K\0K\u0002\u0085K\u0001\u0085\u0089}ctorch\nint64\ntR.", "a tensor of int64 is made of a storage of float32")]
    [InlineData("ctorch._utils\n_rebuild_parameter\n(K\u0001\u0088}tR.", "data of torch._utils._rebuild_parameter is an int, not a tensor")]
    [InlineData("ctorch._utils\n_rebuild_parameter\n(" + Tensor + "tR.", "has 1 arguments, not 3")]
    public void Open_RefusesOtherTensors(string instructions, string problem) => Refuses(instructions, problem);

    [Fact]
    public void Open_RefusesMoreThan64Dimensions()
    {
        var sizes = "(" + string.Concat(Enumerable.Repeat("K\u0001", 65)) + "t";

        Refuses(Rebuild + "K\0" + sizes + sizes + "\u0089}tR.", "a tensor has 65 dimensions, more than 64");
    }

    [Theory]
    [InlineData("]q\0h\0a.", "a list that contains itself")]
    [InlineData("]q\0}X\u0001\0\0\0ah\0sa.", "a list that contains itself")]
    [InlineData("}q\0K\u0001h\0s.", "a dict that contains itself")]
    [InlineData("]q\0h\0\u0085a.", "a list that contains itself")]
    public void Open_RefusesValuesThatContainThemselves(string instructions, string problem) => Refuses(instructions, problem);

    [Theory]
    [InlineData("]", "a")]
    [InlineData("}K\u0001", "s")]
    public void Open_RefusesDeepNesting(string open, string close) =>
        Refuses(
            string.Concat(Enumerable.Repeat(open, 100_000)) + "N" + string.Concat(Enumerable.Repeat(close, 100_000)) + ".",
            "nested deeper than 64");

    /// <summary>Fifty lists, each of which holds the one before it twice, are 2^50 values.</summary>
    [Theory]
    [InlineData("N\u0085", "the pickle has left more than 2097152 values")]
    [InlineData(Tensor + "\u0085", "the names of the pickle's values have more than 33554432 characters")]
    public void Open_RefusesSharingThatExplodes(string innermost, string problem) =>
        Refuses(innermost + string.Concat(Enumerable.Range(0, 50).Select(i => $"q{(char)i}h{(char)i}\u0086")) + ".", problem);

    [Fact]
    public void Open_RefusesNamesThatExplode()
    {
        // One key for all levels: the names of a pickle of 100 kB would have 183 million characters.
        var key = new string('k', 100_000);
        object? tree = null;
        for (var level = 0; level < 60; level++)
            tree = new Dict { [key] = tree };

        Assert.Contains(
            "the names of the pickle's values have more than 33554432 characters",
            _file.Refusal(new TorchArchiveWriter().Save(tree)));
    }

    [Fact]
    public void Open_RefusesTwoValuesOfOneName()
    {
        Refuses("}(X\u0001\0\0\01NK\u0001Nu.", "two values with the name '1'");
        Refuses("}(X\u0003\0\0\0a/bNX\u0001\0\0\0a}X\u0001\0\0\0bNsu.", "two values with the name 'a/b'");
    }

    [Fact]
    public void Open_RefusesPicklesOfTooManyInstructions() =>
        Refuses("(" + new string('N', 1 << 22) + "t.", "more than 4194304 instructions");

    [Theory]
    [InlineData("")]
    [InlineData("N.")]
    [InlineData("\u0080")]
    [InlineData("\u0080\u0001N.")]
    [InlineData("\u0080\u0006N.")]
    public void Open_RefusesOtherProtocols(string pickle)
    {
        var message = _file.RefusalOfPickle(pickle);

        Assert.True(message.Contains("a pickle of protocol 2 to 5 should begin") || message.Contains("ends after 0"), message);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Open_RefusesPicklesThatAreCutAnywhere(int protocol)
    {
        var writer = new TorchArchiveWriter { Protocol = protocol };
        var storage = writer.Storage("FloatStorage", 1f, 2, 3, 4);
        var root = new Dict { IsOrderedDict = true, ["w"] = new SavedTensor(storage, 0, [2, 2], [2, 1]), ["b"] = new byte[] { 1 }, ["f"] = 0.5, ["l"] = 1L << 40 };
        var pickle = PickleWriter.Write(root, protocol);
        for (var length = 0; length < pickle.Length; length++)
            _file.RefusalOfPickle(Encoding.Latin1.GetString(pickle, 0, length));
        writer.SavePickle(pickle);
        using var archive = _file.Open(writer);
        Assert.Equal(4, archive.ReadSingle("w").Length);
    }

    private void Refuses(string instructions, string problem) => Assert.Contains(problem, _file.RefusalOfPickle(Begin + instructions));
}
