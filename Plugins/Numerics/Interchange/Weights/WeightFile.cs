using Orchestrator.Numerics.Formats;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Interchange.Weights;

/// <summary>
/// The tensors of another tool's file. Whatever is read is of the expected shape, of a floating-point type and finite, or
/// is refused with the file, the tensor, what was found and what is expected.
/// </summary>
internal abstract class WeightFile(string path) : IDisposable
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public string Path => path;

    /// <summary>The names of its tensors.</summary>
    public abstract IReadOnlyCollection<string> Names { get; }

    public bool Has(string name) => Names.Contains(name);

    /// <summary>A vector as float32 on the CPU; the caller disposes.</summary>
    /// <param name="name">Of the tensor.</param>
    /// <param name="length">Expected.</param>
    /// <param name="meaning">What stands along it, for messages: <c>[dict_size]</c>.</param>
    /// <exception cref="InvalidDataException">It is not there or not so.</exception>
    public Tensor Vector(string name, long length, string meaning) => Read(name, [length], meaning);

    /// <summary>A matrix as float32 on the CPU; the caller disposes.</summary>
    /// <inheritdoc cref="Vector"/>
    public Tensor Matrix(string name, long rows, long columns, string meaning) => Read(name, [rows, columns], meaning);

    /// <summary>Its only element.</summary>
    /// <exception cref="InvalidDataException">It is not there, has more elements or is no finite number.</exception>
    public double Number(string name)
    {
        Find(name);
        var value = ReadNumber(name);
        return double.IsFinite(value) ? value : throw Wrong(name, $"is {value}, expected a finite number");
    }

    /// <summary>Its elements, which are integers.</summary>
    /// <exception cref="InvalidDataException">It is not there or of another type.</exception>
    public long[] Integers(string name)
    {
        Find(name);
        return ReadIntegers(name);
    }

    /// <exception cref="InvalidDataException">Something in the file was not read: it is not what it was taken for.</exception>
    public void RequireNothingElse(string kind)
    {
        var rest = Names.Where(name => !_read.Contains(name)).ToArray();
        if (rest.Length > 0)
            throw new InvalidDataException($"{path} has what {kind} has not: {Excerpt.Names(rest)}.");
    }

    public InvalidDataException Wrong(string name, string problem) => new($"{path}: tensor '{Excerpt.Text(name)}' {problem}.");

    public abstract void Dispose();

    protected abstract IReadOnlyList<long> ShapeOf(string name);

    /// <summary>The tensor with the type it has in the file.</summary>
    protected abstract Tensor ReadTensor(string name);

    protected abstract double ReadNumber(string name);

    protected abstract long[] ReadIntegers(string name);

    private Tensor Read(string name, long[] shape, string meaning)
    {
        Find(name);
        var found = ShapeOf(name);
        if (!found.SequenceEqual(shape))
        {
            var isTransposed = shape.Length == 2 && found.SequenceEqual(Enumerable.Reverse(shape));
            throw Wrong(name, $"has shape [{string.Join(", ", found)}], expected [{string.Join(", ", shape)}] {meaning}{(isTransposed ? ": it is transposed" : "")}");
        }

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var tensor = ReadTensor(name);
        if (!tensor.is_floating_point()) throw Wrong(name, $"holds elements of type {tensor.dtype}, expected a floating-point type");
        var singles = tensor.to(ScalarType.Float32);
        RequireFinite(name, tensor, singles);
        return scope.MoveToOuter(singles);
    }

    private void RequireFinite(string name, Tensor tensor, Tensor singles)
    {
        var isFinite = singles.isfinite();
        if (isFinite.all().item<bool>()) return;
        var flat = isFinite.view(-1).logical_not().nonzero();
        var first = flat[0, 0].item<long>();
        var value = tensor.reshape(-1)[first].to(ScalarType.Float64).item<double>();
        throw Wrong(name, double.IsFinite(value)
            ? $"holds {value} at element {first}, beyond float32"
            : $"holds {flat.shape[0]} elements that are NaN or infinite, the first at element {first}; expected finite weights");
    }

    private void Find(string name)
    {
        if (!Has(name)) throw new InvalidDataException($"{path} has no tensor '{name}'; it has: {Excerpt.Names(Names)}.");
        _read.Add(name);
    }
}
