using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Planning.Specs;

/// <summary>What reading a spec gave: the spec, or every mistake in it.</summary>
public sealed class SpecReading
{
    private SpecReading(ExperimentSpec? spec, IReadOnlyList<SpecProblem> problems)
    {
        Spec = spec;
        Problems = problems;
    }

    /// <summary>Null exactly when there are problems.</summary>
    public ExperimentSpec? Spec { get; }

    /// <summary>By line, then column; at most <see cref="SpecReader.MaxProblems"/> and one line that counts the rest.</summary>
    public IReadOnlyList<SpecProblem> Problems { get; }

    [MemberNotNullWhen(true, nameof(Spec))]
    public bool IsValid => Spec is not null;

    internal static SpecReading Of(ExperimentSpec spec) => new(spec, []);

    internal static SpecReading Failed(IReadOnlyList<SpecProblem> problems) => new(null, problems);
}
