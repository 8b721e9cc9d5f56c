using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Abstractions.Stages;

/// <summary>Writes a <see cref="MatrixPrecision"/> as specs do: <c>float32</c>, <c>tf32</c>, <c>bfloat16</c>.</summary>
internal sealed class MatrixPrecisionJsonConverter : JsonConverter<MatrixPrecision>
{
    public override MatrixPrecision Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString() switch
    {
        "float32" => MatrixPrecision.Float32,
        "tf32" => MatrixPrecision.TensorFloat32,
        "bfloat16" => MatrixPrecision.BFloat16,
        var other => throw new JsonException($"'{other}' is no precision; known: float32, tf32, bfloat16."),
    };

    public override void Write(Utf8JsonWriter writer, MatrixPrecision value, JsonSerializerOptions options) => writer.WriteStringValue(value switch
    {
        MatrixPrecision.Float32 => "float32",
        MatrixPrecision.TensorFloat32 => "tf32",
        MatrixPrecision.BFloat16 => "bfloat16",
        _ => throw new JsonException($"{value} is no precision."),
    });
}
