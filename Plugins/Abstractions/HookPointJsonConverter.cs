using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Abstractions;

/// <summary>A hook point stands in JSON as its name.</summary>
internal sealed class HookPointJsonConverter : JsonConverter<HookPoint>
{
    public override HookPoint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return HookPoint.Parse(reader.GetString() ?? "null");
        }
        catch (FormatException exception)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    public override void Write(Utf8JsonWriter writer, HookPoint value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
