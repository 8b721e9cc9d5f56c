using Orchestrator.Numerics.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Tensors;

public class ShapeTests
{
    [Fact]
    public void Require_NamesTensorAndBothShapes()
    {
        using var activations = zeros(2, 3);

        var exception = Assert.Throws<ArgumentException>(() => Shape.Require(activations, Shape.Any, 4));

        Assert.Equal("activations", exception.ParamName);
        Assert.Contains("[any, 4]", exception.Message);
        Assert.Contains("[2, 3]", exception.Message);
    }

    [Fact]
    public void Require_AcceptsTheShape()
    {
        using var x = zeros(2, 3, 4);

        Shape.Require(x, 2, Shape.Any, 4);

        Assert.Throws<ArgumentException>(() => Shape.Require(x, 2, 3));
    }

    [Fact]
    public void RequireType_RefusesAnotherType()
    {
        using var x = zeros(2, ScalarType.Float64);

        Assert.Throws<ArgumentException>(() => Shape.RequireType(x, ScalarType.Float32));
    }

    [Fact]
    public void HostMemory_RoundTripsAStridedTensor()
    {
        using var x = HostMemory.ToTensor([1f, 2, 3, 4, 5, 6], [2, 3], CPU);
        using var transposed = x.t();

        Assert.Equal([1f, 4, 2, 5, 3, 6], HostMemory.ToSingles(transposed));
        Assert.Throws<ArgumentException>(() => HostMemory.Singles(transposed).Length);
        Assert.Throws<ArgumentException>(() => HostMemory.ToTensor([1f, 2], [3], CPU));
    }
}
