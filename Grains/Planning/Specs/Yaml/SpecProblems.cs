namespace Orchestrator.Planning.Specs.Yaml;

/// <summary>Collects the mistakes of one file.</summary>
/// <param name="file">As the user named it.</param>
/// <param name="what">What messages call the whole of it.</param>
internal sealed class SpecProblems(string file, string what = "the spec")
{
    private readonly List<SpecProblem> _problems = [];
    private readonly HashSet<SpecProblem> _seen = [];
    private long _leftOut;

    public string What => what;

    public bool Any => _problems.Count > 0;

    public void Add(int line, int column, string message, string? found = null, string? allowed = null, string? suggestion = null)
    {
        if (_problems.Count >= SpecReader.MaxProblems)
        {
            _leftOut++;
            return;
        }

        // A value that an alias repeats is one mistake.
        var problem = new SpecProblem(file, line, column, message, found, allowed, suggestion);
        if (_seen.Add(problem))
        {
            _problems.Add(problem);
        }
    }

    public void Add(SpecNode at, string message, string? found = null, string? allowed = null, string? suggestion = null) =>
        Add(at.Line, at.Column, message, found, allowed, suggestion);

    public SpecReading ToReading() => SpecReading.Failed(InOrder());

    /// <summary>By line, then column; at most <see cref="SpecReader.MaxProblems"/> and one line that counts the rest.</summary>
    public IReadOnlyList<SpecProblem> InOrder()
    {
        var sorted = _problems.OrderBy(problem => problem.Line).ThenBy(problem => problem.Column).ToList();
        if (_leftOut > 0)
        {
            sorted.Add(sorted[^1] with
            {
                Message = $"and {Shown.Number(_leftOut)} more mistakes",
                Found = null,
                Allowed = null,
                Suggestion = null,
            });
        }

        return sorted;
    }
}
