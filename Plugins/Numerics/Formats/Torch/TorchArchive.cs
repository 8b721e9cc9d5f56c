using System.Runtime.InteropServices;
using Orchestrator.Numerics.Formats.Torch.Pickle;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>
/// Reads what <c>torch.save</c> of PyTorch 1.6 and later writes: a tree of tensors and plain values, without the unpickler
/// of Python, so that a file can hold data only. The tree is read and checked at once, elements when asked for. Not safe
/// for several threads.
/// <para>
/// A value's name is the keys on the way to it, joined by '/': of <c>{"model": {"encoder.weight": t}, "steps": [t, t]}</c>
/// <c>model/encoder.weight</c>, <c>steps/0</c>, <c>steps/1</c>; a root that is a tensor has the name "". A list without
/// tensors and dicts is one plain value. Parameters are their tensors; attributes of OrderedDicts (the versions of
/// modules) are dropped.
/// </para>
/// </summary>
public sealed class TorchArchive : IDisposable
{
    private readonly ElementFile _file;
    private readonly TorchContainer _container;
    private readonly TorchTree _tree;

    private TorchArchive(ElementFile file)
    {
        _file = file;
        _container = TorchContainer.Read(file);
        var input = new PickleInput(_container.ReadPickle(), file.Path, _container.PickleRecord);
        var root = PickleMachine.Run(input, TorchGlobals.All, id => TorchGlobals.Storage(id, _container));
        _tree = TorchTree.Read(root, input.Site);
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TorchTensorEntry> Entries => _tree.Tensors;

    /// <summary>Everything else by name.</summary>
    public IReadOnlyDictionary<string, TorchValue> Values => _tree.Values;

    /// <exception cref="InvalidDataException">
    /// The file is of another kind, is damaged, or its pickle asks for more than tensors and plain values; the message says
    /// what and where.
    /// </exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static TorchArchive Open(string path)
    {
        var file = ElementFile.Open(path);
        try
        {
            return new TorchArchive(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The entry of that name, which must have that shape.</summary>
    /// <exception cref="InvalidDataException">There is none, or it has another shape.</exception>
    public TorchTensorEntry Require(string name, params ReadOnlySpan<long> shape)
    {
        var entry = Find(name);
        if (!shape.SequenceEqual(entry.View.Shape))
            throw Wrong(entry, $"has shape [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", shape.ToArray())}]");
        return entry;
    }

    /// <summary>A contiguous copy of the tensor, with the type it has in the file; the caller disposes.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or its record is damaged.</exception>
    public Tensor Read(string name, Device device)
    {
        var view = Find(name).View;
        _container.Verify(view.Record);
        if (view.IsContiguous)
            return _file.ReadTensor(name, view.Type, view.Shape, PositionOf(view), device);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var reach = _file.ReadTensor(name, view.Type, [view.Reach], PositionOf(view), CPU);
        return scope.MoveToOuter(HostMemory.MovedTo(device, reach.as_strided(view.Shape, view.Strides).contiguous()));
    }

    /// <summary>
    /// The elements in row-major order. float16 and bfloat16 widen exactly; float64 is rounded to the nearest float32.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// There is no such tensor, its record is damaged, it is not of a floating-point type, has more elements than an array
    /// holds, or has a finite float64 beyond float32.
    /// </exception>
    public float[] ReadSingle(string name)
    {
        var entry = Find(name);
        if (!SinglePrecision.Converts(entry.Type))
            throw Wrong(entry, $"has dtype {entry.Type.PythonName()}, expected {SinglePrecision.Sources}");
        if (entry.View.IsContiguous)
        {
            _container.Verify(entry.View.Record);
            return _file.ReadSingles(name, entry.Type, PositionOf(entry.View), entry.Elements);
        }

        using var tensor = Read(name, CPU);
        return _file.ToSingles(name, tensor);
    }

    /// <summary>The elements of a tensor of integers or bools in row-major order.</summary>
    /// <exception cref="InvalidDataException">
    /// There is no such tensor, its record is damaged, it is of another type, or over 2 GiB.
    /// </exception>
    public long[] ReadInt64(string name)
    {
        var entry = Find(name);
        if (entry.Type.IsFloatingPoint())
            throw Wrong(entry, $"has dtype {entry.Type.PythonName()}, expected an integer type or bool");
        if (entry.Elements > int.MaxValue / sizeof(long))
            throw Wrong(entry, $"has {entry.Elements} elements, over 2 GiB");
        using var scope = NewDisposeScope();
        return HostMemory.Longs(Read(name, CPU).to(ScalarType.Int64)).ToArray();
    }

    /// <summary>One number: a plain int or float, or the only element of a tensor.</summary>
    /// <exception cref="InvalidDataException">There is no such value, it is not one number, or its record is damaged.</exception>
    public double ReadNumber(string name)
    {
        switch (Values.GetValueOrDefault(name))
        {
            case TorchValue.Integer { Value: var value }:
                return (double)value;
            case TorchValue.Number { Value: var value }:
                return value;
        }

        RequireOne(name);
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, double>(Read(name, CPU).to(ScalarType.Float64).bytes)[0];
    }

    /// <summary>One integer: a plain int, or the only element of a tensor of integers.</summary>
    /// <exception cref="InvalidDataException">
    /// There is no such value, it is not one integer, is over 64 bits, or its record is damaged.
    /// </exception>
    public long ReadInteger(string name)
    {
        if (Values.GetValueOrDefault(name) is TorchValue.Integer { Value: var value })
        {
            return value >= long.MinValue && value <= long.MaxValue
                ? (long)value
                : throw new InvalidDataException($"{_file.Path}: '{Excerpt.Text(name)}' is {Excerpt.Text(value.ToString())}, over 64 bits.");
        }

        RequireOne(name);
        return ReadInt64(name)[0];
    }

    public void Dispose() => _file.Dispose();

    private static long PositionOf(TorchView view) => view.Record.Offset + (view.Offset * view.Type.ElementSize());

    private TorchTensorEntry Find(string name)
    {
        if (Entries.TryGetValue(name, out var entry))
            return entry;
        throw new InvalidDataException(Values.TryGetValue(name, out var value)
            ? $"{_file.Path}: '{Excerpt.Text(name)}' is {value.Kind}, not a tensor."
            : $"{_file.Path} has no tensor '{Excerpt.Text(name)}'; it has: {Excerpt.Names([.. Entries.Keys])}.");
    }

    private void RequireOne(string name)
    {
        if (Values.TryGetValue(name, out var value))
            throw new InvalidDataException($"{_file.Path}: '{Excerpt.Text(name)}' is {value.Kind}, not one such number.");
        var entry = Find(name);
        if (entry.Elements != 1)
            throw Wrong(entry, $"has {entry.Elements} elements, expected one");
    }

    private InvalidDataException Wrong(TorchTensorEntry entry, string problem) =>
        new($"{_file.Path}: tensor '{Excerpt.Text(entry.Name)}' {problem}.");
}
