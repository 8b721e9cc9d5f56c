using System.Text.Json.Serialization;

namespace Orchestrator.Abstractions.Stages;

/// <summary>
/// How the encoder's matrix product is computed. What it selects and returns is float32, and so is everything else of a step.
/// </summary>
/// <remarks>
/// Errors were measured on the CPU, of one step's gradients at 4,096 features over 512 dimensions, about 30 of them active.
/// They come almost whole from features that begin or cease to be active at their threshold or rank. No GPU was at hand.
/// </remarks>
[JsonConverter(typeof(MatrixPrecisionJsonConverter))]
public enum MatrixPrecision
{
    Float32,

    /// <summary>
    /// Factors rounded to 10 bits of mantissa on NVIDIA GPUs since Ampere; float32 elsewhere. Relative error of gradients,
    /// emulated by rounding the factors: 2e-4 (<c>W_dec</c>) to 2e-2 (<c>W_enc</c>) of a <c>standard</c> dictionary, 2e-4 of
    /// <c>batch-top-k</c> in a batch where no feature changed places; cosines at least 0.9997.
    /// </summary>
    TensorFloat32,

    /// <summary>
    /// Factors and product rounded to 7 bits of mantissa. Relative error of gradients: 0.5 % (<c>W_dec</c>) to 10 %
    /// (<c>W_enc</c>) of a <c>standard</c> dictionary, 2 % (<c>b_dec</c>) to 9 % of <c>batch-top-k</c>; cosines at least 0.994;
    /// the loss within 0.05 %, L0 within 1 %. A planted dictionary was found as well after 1,500 steps: mean cosines within
    /// 3e-6, losses within 0.03 %, L0 within 0.2 %.
    /// </summary>
    BFloat16,
}

