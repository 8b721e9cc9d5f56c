using System.Reflection;
using McMaster.NETCore.Plugins;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Planning.Plugins;

namespace Orchestrator.Silo.Plugins;

/// <summary>A plugin's code in a load context of its own.</summary>
internal sealed class LoadedPlugin : IDisposable
{
    // The host's own copies: two contracts would make two unrelated IAnalysis, two TorchSharps abort the process.
    private static readonly string[] SharedAssemblies =
        ["Orchestrator.Abstractions", "Orchestrator.Text", "Orchestrator.Numerics", "TorchSharp"];

    private readonly PluginLoader _loader;
    private readonly Dictionary<string, Type> _types;

    private LoadedPlugin(PluginEntry entry, PluginLoader loader, Dictionary<string, Type> types)
    {
        Entry = entry;
        _loader = loader;
        _types = types;
    }

    public PluginEntry Entry { get; }

    /// <summary>Loads the entry assembly and every type of it, so that what does not fit shows now and not in mid-run.</summary>
    /// <exception cref="PluginLoadException">It does not load, or lacks a type that its manifest names.</exception>
    public static LoadedPlugin Load(PluginEntry entry, PluginManifest manifest)
    {
        var loader = PluginLoader.CreateFromAssemblyFile(Path.Combine(entry.Folder, manifest.EntryAssembly), static config =>
        {
            config.IsUnloadable = true;
            config.DefaultContext = System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(typeof(LoadedPlugin).Assembly)!;
            foreach (var name in SharedAssemblies)
            {
                config.SharedAssemblies.Add(new AssemblyName(name));
            }
        });
        try
        {
            var assembly = loader.LoadDefaultAssembly();
            _ = assembly.GetTypes();
            return new LoadedPlugin(entry, loader, manifest.Analyses.ToDictionary(
                static analysis => analysis.Kind, analysis => Find(entry, assembly, analysis.Type)));
        }
        catch (Exception exception)
        {
            loader.Dispose();
            throw exception as PluginLoadException ?? new PluginLoadException(entry.Folder, Describe(exception), exception);
        }
    }

    /// <exception cref="PluginLoadException">Its constructor threw.</exception>
    public IAnalysis Create(string kind)
    {
        try
        {
            return (IAnalysis)Activator.CreateInstance(_types[kind])!;
        }
        catch (TargetInvocationException exception)
        {
            throw new PluginLoadException(Entry.Folder, $"the constructor of {_types[kind].FullName} threw: {exception.InnerException?.Message}", exception);
        }
    }

    /// <summary>Lets go of the code; memory comes back once no instance is left. Native code never unloads.</summary>
    public void Dispose()
    {
        _types.Clear();
        _loader.Dispose();
    }

    private static Type Find(PluginEntry entry, Assembly assembly, string name)
    {
        var type = assembly.GetType(name)
            ?? throw new PluginLoadException(entry.Folder, $"{Path.GetFileName(assembly.Location)} has no type {name}");
        return !typeof(IAnalysis).IsAssignableFrom(type)
            ? throw new PluginLoadException(entry.Folder, $"{name} does not implement {nameof(IAnalysis)}")
            : type.IsAbstract || type.GetConstructor(Type.EmptyTypes) is null
                ? throw new PluginLoadException(entry.Folder, $"{name} has no public constructor without parameters")
                : type;
    }

    private static string Describe(Exception exception) => exception is ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] }
        ? $"a type does not load: {first.Message}"
        : $"its entry assembly does not load: {exception.Message}";
}
