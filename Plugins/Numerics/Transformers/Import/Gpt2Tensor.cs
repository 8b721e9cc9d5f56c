using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers.Import;

/// <summary>A tensor of GPT-2's layout and what it becomes.</summary>
/// <param name="Name">Without any prefix: <c>h.0.attn.c_attn.weight</c>.</param>
/// <param name="Shape">As the file has it.</param>
/// <param name="Parameters">The parameters that it holds, by state key, each made of the tensor.</param>
internal sealed record Gpt2Tensor(string Name, long[] Shape, params (string Key, Func<Tensor, Tensor> Of)[] Parameters);
