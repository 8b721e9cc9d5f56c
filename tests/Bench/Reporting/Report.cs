using System.Text;

namespace Orchestrator.Bench.Reporting;

/// <summary>What a benchmark found.</summary>
/// <param name="Title">The question.</param>
/// <param name="Setting">Shapes and repetitions, for the header.</param>
/// <param name="Table">The figures.</param>
/// <param name="Targets">Figures that something is asked of.</param>
/// <param name="Remarks">How to read them.</param>
internal sealed record Report(string Title, string Setting, Table Table, IReadOnlyList<TargetFigure> Targets, string Remarks)
{
    /// <param name="command">What gives these figures again.</param>
    public string ToMarkdown(string command)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(Title).Append("\n\n");
        text.Append("Machine: ").Append(Machine.Describe()).Append(".  \n");
        text.Append("Setting: ").Append(Setting).Append(".  \n");
        text.Append("Again: `").Append(command).Append("`\n\n");
        text.Append(Table.ToMarkdown());
        if (Remarks.Length > 0) text.Append('\n').Append(Remarks).Append('\n');
        if (Targets.Count == 0) return text.ToString();
        var targets = new Table("target", "asked", "measured", "met");
        foreach (var target in Targets) targets.Add(target.Name, $"{target.Relation} {Figures.Text(target.Target)} {target.Unit}", Figures.Text(target.Measured), target.IsMet ? "yes" : "no");
        return text.Append('\n').Append(targets.ToMarkdown()).ToString();
    }
}
