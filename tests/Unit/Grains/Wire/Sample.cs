using System.Collections;
using System.Reflection;
using System.Text;

namespace Orchestrator.Unit.Grains.Wire;

/// <summary>
/// Makes a value of any serialised type in which nothing has its default, always the same: text from a field's path,
/// numbers from a hash of it.
/// </summary>
internal static class Sample
{
    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const int ListLength = 2;

    public static object Of(Type type) => Make(type, type.Name);

    /// <summary>The fields that are sent, by id: those with an id of their own, of the type and those it derives from.</summary>
    public static IReadOnlyList<(uint Id, PropertyInfo Property)> Fields(Type type) =>
    [
        .. type.GetProperties(AnyInstance)
            .Select(property => (property.GetCustomAttribute<IdAttribute>()?.Id, Property: property))
            .Where(field => field.Id is not null)
            .Select(field => (field.Id!.Value, field.Property))
            .OrderBy(field => field.Value),
    ];

    private static object Make(Type type, string path)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Make(underlying, path);

        if (type == typeof(string)) return $"text of {path}";
        if (type == typeof(bool)) return true;
        if (type == typeof(int)) return Number(path);
        if (type == typeof(uint)) return (uint)Number(path);
        if (type == typeof(long)) return 1_000_000_000_000L + Number(path);
        if (type == typeof(ulong)) return 1_000_000_000_000UL + (ulong)Number(path);
        if (type == typeof(float)) return Number(path) + 0.5f;
        if (type == typeof(double)) return Number(path) + 0.25;
        if (type == typeof(Guid)) return new Guid(Number(path), 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]);
        if (type == typeof(DateTimeOffset)) return DateTimeOffset.UnixEpoch.AddSeconds(Number(path));
        if (type == typeof(TimeSpan)) return TimeSpan.FromMilliseconds(Number(path));
        if (type == typeof(byte[])) return Encoding.UTF8.GetBytes(path);
        if (type.IsEnum) return Enum.GetValues(type).Cast<object>().Last();
        return type.IsArray || type.IsGenericType ? Collection(type, path) : Object(type, path);
    }

    private static object Collection(Type type, string path)
    {
        if (type.IsArray)
        {
            var array = Array.CreateInstance(type.GetElementType()!, ListLength);
            for (var i = 0; i < ListLength; i++)
                array.SetValue(Make(type.GetElementType()!, $"{path}[{i}]"), i);

            return array;
        }

        var parts = type.GetGenericArguments();
        if (typeof(IDictionary).IsAssignableFrom(type) || type.Name.Contains("Dictionary", StringComparison.Ordinal))
        {
            var dictionary = (IDictionary)Activator.CreateInstance(Concrete(type, typeof(Dictionary<,>)))!;
            dictionary.Add(Make(parts[0], path + ".key"), Make(parts[1], path + ".value"));
            return dictionary;
        }

        var isSet = type.Name.Contains("Set", StringComparison.Ordinal);
        var collection = Activator.CreateInstance(Concrete(type, isSet ? typeof(HashSet<>) : typeof(List<>)))!;
        for (var i = 0; i < ListLength; i++)
            collection.GetType().GetMethod("Add", parts)!.Invoke(collection, [Make(parts[0], $"{path}[{i}]")]);

        return collection;
    }

    private static Type Concrete(Type type, Type standard) => type.IsInterface ? standard.MakeGenericType(type.GetGenericArguments()) : type;

    private static object Object(Type type, string path)
    {
        var constructor = type.GetConstructors(AnyInstance)
            .Where(candidate => !IsCopy(candidate, type))
            .MaxBy(candidate => candidate.GetParameters().Length);
        var made = constructor is null
            ? Activator.CreateInstance(type)!
            : constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, $"{path}.{parameter.Name}"))]);
        foreach (var (_, property) in Fields(type))
        {
            if (property.SetMethod is { } setter)
                setter.Invoke(made, [Make(property.PropertyType, $"{path}.{property.Name}")]);
        }

        return made;
    }

    private static bool IsCopy(ConstructorInfo constructor, Type type) => constructor.GetParameters() is [var only] && only.ParameterType == type;

    /// <summary>Small and positive, and no zero.</summary>
    private static int Number(string path) => 1 + path.Aggregate(7, (hash, character) => (hash * 31 + character) % 9_973);
}
