using Orchestrator.Numerics.Runtime;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Runtime;

/// <summary>What is said of a device that is not there. Machines with GPUs are made up: none is needed.</summary>
public sealed class ComputeDevicesTests
{
    [Fact]
    public void Require_OfTheCpu_IsContent() => ComputeDevices.Require("cpu", null);

    [Fact]
    public void Require_OfAGpuOnAMachineWithoutOne_SaysWhatThereIs()
    {
        if (cuda.is_available()) Assert.Skip("This machine has a GPU.");

        var exception = Assert.Throws<DeviceException>(() => ComputeDevices.Require("cuda:0", null));

        Assert.StartsWith("There is no device cuda:0: the libtorch of this build ", exception.Message);
        Assert.Contains("There is cpu.", exception.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tpu")]
    [InlineData("cuda")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("CPU")]
    public void Fault_OfNoDevice_SaysWhatIsAllowed(string name) =>
        Assert.Equal($"'{name}' is no device; allowed: cpu, cuda:0, cuda:1 …", Fault(name, gpus: 2));

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda:0")]
    [InlineData("cuda:1")]
    public void Fault_OfWhatIsThere_IsNone(string name) => Assert.Null(Fault(name, gpus: 2));

    [Fact]
    public void Fault_OfTheCpu_DoesNotAskForGpus() =>
        Assert.Null(ComputeDevices.Fault("cpu", () => throw new InvalidOperationException("asked"), hasCuda: true, "libtorch"));

    [Fact]
    public void Fault_OfAnIndexTooHigh_ListsWhatThereIs() =>
        Assert.Equal("There is no device cuda:2. There are cpu, cuda:0, cuda:1.", Fault("cuda:2", gpus: 2));

    [Fact]
    public void Fault_WhereNoGpuIsSeen_PointsAtTheDriver()
    {
        var fault = Fault("cuda:0", gpus: 0);

        Assert.StartsWith("There is no device cuda:0: the libtorch of /torch/lib sees no GPU. There is cpu.", fault);
        Assert.Contains("nvidia-smi", fault);
    }

    [Fact]
    public void Fault_WithoutAPartForCuda_PointsAtTheBuild() => Assert.Contains(
        "-p:Accelerator=cuda", ComputeDevices.Fault("cuda:0", () => throw new InvalidOperationException("asked"), hasCuda: false, "the libtorch of this build"));

    private static string? Fault(string name, int gpus) => ComputeDevices.Fault(name, () => gpus, hasCuda: true, "the libtorch of /torch/lib");
}
