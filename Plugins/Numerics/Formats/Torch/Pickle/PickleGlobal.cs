namespace Orchestrator.Numerics.Formats.Torch.Pickle;

/// <summary>Something that a pickle may ask for by module and name. Which there are is fixed here, never looked up by reflection.</summary>
internal abstract class PickleGlobal(string name) : PickleObject
{
    /// <summary>Module and name, joined by a dot.</summary>
    public string Name { get; } = name;

    public override string Kind => $"the global {Name}";

    /// <summary>What <c>REDUCE</c> makes of it.</summary>
    /// <exception cref="InvalidDataException">It cannot be called, or not with these.</exception>
    public virtual object? Call(PickleArguments arguments) =>
        throw arguments.Site.Invalid($"{Kind} is called, which only names a type");
}
