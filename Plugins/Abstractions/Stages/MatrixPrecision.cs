using System.Text.Json.Serialization;

namespace Orchestrator.Abstractions.Stages;

/// <summary>How a matrix product is computed. What it selects and returns is float32.</summary>
[JsonConverter(typeof(MatrixPrecisionJsonConverter))]
public enum MatrixPrecision
{
    Float32,

    /// <summary>Factors rounded to 10 bits of mantissa on NVIDIA GPUs since Ampere; float32 elsewhere. Relative error about 1e-3.</summary>
    TensorFloat32,

    /// <summary>Factors rounded to 7 bits of mantissa. Relative error about 1e-2.</summary>
    BFloat16,
}

