using System.Collections;
using System.Globalization;

namespace Orchestrator.Unit.Grains.Wire;

/// <summary>A value as lines of <c>path: value</c>, a line for each field that is sent.</summary>
internal static class WireText
{
    public static IReadOnlyList<string> Of(object value)
    {
        var lines = new List<string>();
        Write(value, "", lines);
        return lines;
    }

    private static void Write(object? value, string path, List<string> lines)
    {
        switch (value)
        {
            case null:
                lines.Add($"{path}: nothing");
                break;
            case byte[] bytes:
                lines.Add($"{path}: {Convert.ToHexStringLower(bytes)}");
                break;
            case string or Enum:
                lines.Add($"{path}: {value}");
                break;
            case DateTimeOffset time:
                lines.Add($"{path}: {time.ToString("O", CultureInfo.InvariantCulture)}");
                break;
            case IDictionary dictionary:
                foreach (DictionaryEntry entry in dictionary)
                    Write(entry.Value, $"{path}[{entry.Key}]", lines);

                break;
            case IEnumerable list:
                var index = 0;
                foreach (var item in list)
                    Write(item, $"{path}[{index++}]", lines);

                lines.Add($"{path}.count: {index}");
                break;
            case IFormattable number when Sample.Fields(value.GetType()).Count == 0:
                lines.Add($"{path}: {number.ToString(null, CultureInfo.InvariantCulture)}");
                break;
            default:
                var fields = Sample.Fields(value.GetType());
                if (fields.Count == 0)
                    lines.Add($"{path}: {value}");

                foreach (var (id, property) in fields)
                    Write(property.GetValue(value), $"{path}.{id} {property.Name}", lines);

                break;
        }
    }
}
