using System.Text;
using Orchestrator.Planning.Specs.Schema;

namespace Orchestrator.Planning.Specs;

/// <summary>Writes <c>experiments/README.md</c>: every key of a spec, from the description that the reader itself uses.</summary>
public static class SpecReference
{
    private const string Introduction = """
        # Specs
        A spec is one YAML file (UTF-8, at most 1 MiB) that says what to compute: a corpus, a tokenizer, transformers, sparse
        dictionaries trained on their activations, and the questions asked of them. `plan SPEC` shows what would run and what
        the store already holds; `run SPEC` runs it.

        - [`quickstart.yaml`](quickstart.yaml): the whole pipeline on text that every .NET SDK brings; start here.
        - [`smoke.yaml`](smoke.yaml): the same, tiny, to see in seconds that everything works.
        - [`text-corpus.yaml`](text-corpus.yaml): a template for your own files.

        Mistakes are reported all at once, each with file, line, column, what was found and what is allowed. Numbers may be
        written `1_000_000` or `1e6`. Anchors and aliases work; tags, merge keys and several documents do not. Where the paper
        is named, it is Bricken et al., "Towards Monosemanticity" (2023).

        A list in `feature_count`, `l1_coefficient` or `k` is a sweep, and so is `seeds`: every combination is trained, at most 1,000
        dictionaries an experiment. What was computed once is not computed again, in another experiment either: only what
        decides a result is part of its address, so that comments, order and descriptions are free.

        This file is generated from the reader's own description of the keys (`Grains/Planning/Specs/Schema`); a test compares.

        """;

    private const string AnalysisNotes = """

        ## `analyses`
        A list. An entry is the kind of an analysis, with its default options, or a mapping of `kind` and options:
        ```yaml
        analyses:
          - universality
          - kind: feature-report
            max_tokens: 50_000
        ```
        Kinds and options are those of the installed plugins (`plugin.json`, each option with type, range, default and
        meaning). An analysis runs once for each input of the shape that its manifest declares:

        | Inputs | Runs for |
        |---|---|
        | `dictionary` | each dictionary of a trained model |
        | `sizes` | all feature counts on one model, for each `l1_coefficient` (or `k`); needs two |
        | `seed-pair` | each feature count on two consecutive seeds, for each `l1_coefficient` (or `k`); needs two seeds |

        The dictionaries of the random twin go to every analysis as its null.

        """;

    /// <summary>The file's text.</summary>
    public static string Write()
    {
        var text = new StringBuilder(Introduction).AppendLine();
        WriteSection(text, "", SpecSchema.Root);
        return text.Append(AnalysisNotes).ToString().ReplaceLineEndings("\n").TrimEnd() + "\n";
    }

    private static void WriteSection(StringBuilder text, string path, SectionKey section)
    {
        text.AppendLine(path.Length == 0 ? "## The whole" : $"## `{path}`").AppendLine(section.Doc).AppendLine();
        text.AppendLine("| Key | Allowed | Default | Meaning |").AppendLine("|---|---|---|---|");
        foreach (var key in section.Keys)
        {
            var fallback = key.Required ? "**required**" : key.DefaultText is { } value ? $"`{value}`" : "";
            var only = key.OnlyFor is null ? "" : $" ({section.Discriminator!.Name} {string.Join(", ", key.OnlyFor.Select(kind => $"`{kind}`"))})";
            var allowed = key is SectionKey ? "a section, see below" : key.Allowed;
            text.AppendLine($"| `{key.Name}` | {Cell(allowed)} | {Cell(fallback)} | {Cell(key.Doc + only)} |");
        }

        foreach (var inner in section.Keys.OfType<SectionKey>())
        {
            WriteSection(text.AppendLine(), path.Length == 0 ? inner.Name : $"{path}.{inner.Name}", inner);
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|");
}
