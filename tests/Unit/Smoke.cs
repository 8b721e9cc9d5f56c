using TorchSharp;
using Xunit;
namespace Orchestrator.Unit;
public class Smoke { [Fact] public void Torch_Loads() => Assert.Equal(3f, torch.ones(3).sum().item<float>()); }
