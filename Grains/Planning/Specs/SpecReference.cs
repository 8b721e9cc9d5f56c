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
        - [`architectures.yaml`](architectures.yaml): six architectures on one stream, from sections with common defaults.
        - [`early-stop.yaml`](early-stop.yaml): a sweep whose worst dictionaries are not trained to their end.
        - [`text-corpus.yaml`](text-corpus.yaml): a template for your own files.

        Mistakes are reported all at once, each with file, line, column, what was found and what is allowed. Numbers may be
        written `1_000_000` or `1e6`. Anchors and aliases work; tags, merge keys and several documents do not. Where the paper
        is named, it is Bricken et al., "Towards Monosemanticity" (2023).

        What was computed once is not computed again, in another experiment either: only what decides a result is part of its
        address, so that comments, order and descriptions are free.

        Editors that know JSON Schema check and complete a spec that begins with
        `# yaml-language-server: $schema=spec.schema.json` (the path or the address of that file); `schema` prints it with the
        analyses that are installed.

        ## Sweeps
        A list of `seeds` trains a model from each. A list in `dictionaries` is a sweep: every combination is trained (a grid),
        at most 1,000 dictionaries an experiment. Where not every combination is wanted, `sweep` says so:
        ```yaml
        dictionaries:
          feature_count: [512, 1_024, 2_048]
          k: [16, 32, 64]
          learning_rate: [5.0e-4, 1.0e-3]
          architecture: top-k
          tokens: 600_000
          sweep:
            zip: [feature_count, k]      # 512 with 16, 1,024 with 32, 2,048 with 64; each with both learning rates
        ```
        ```yaml
        dictionaries:
          feature_count: 2_048
          tokens: 600_000
          sweep:
            random:                      # 20 points
              points: 20
              l1_coefficient: { from: 1.0e-3, to: 1.0e-2, scale: log }
              learning_rate: [5.0e-4, 1.0e-3, 2.0e-3]
        ```
        Draws depend on the section's `seed`, the key and the point: the same spec draws the same, and 30 points are the 20 and
        ten more. Several architectures are several sections; what they have in common is said once:
        ```yaml
        defaults:
          dictionaries: { feature_count: [512, 1_024], tokens: 600_000, k: 32 }
        dictionaries:
          - architecture: standard
            l1_coefficient: [2.0e-3, 4.0e-3]
          - architecture: top-k
          - architecture: matryoshka
            k: 64
        ```
        A large sweep need not train everything to its end. With `early_stop` the dictionaries on one model are measured when
        they have seen a quarter of their tokens, say, and only the better half goes on:
        ```yaml
        dictionaries:
          feature_count: [512, 1_024, 2_048]
          learning_rate: [5.0e-4, 1.0e-3, 2.0e-3]
          tokens: 600_000
        early_stop:
          metric: loss_recovered
          rungs: [0.25, 0.5]           # nine begin, five go on at a quarter, three at a half
          keep: 0.5
        ```
        What goes on is the same to the last bit as without it, so that it can be added, changed and taken away: what was
        measured is known, what was stopped goes on from its checkpoint. What is stopped has no result; analyses of it are not
        computed, those of several dictionaries are asked of the ones that are left. A dictionary that another experiment wants
        whole is trained to its end for that one. Those of the random twin are nulls, and never compete.

        Analyses of `sizes` compare dictionaries that differ in nothing but their size, and in what `zip` gives each size.

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
          - kind: proxies
            patterns: { dates: '[0-9]{4}-[0-9]{2}-[0-9]{2}' }
        ```
        Kinds and options are those of the installed plugins (`plugin.json`, each option with type, range, default and
        meaning). Named expressions, such as `patterns` of `proxies`, are a mapping of names to regular expressions; none may
        have look-around, back references or atomic groups, so that none can hold up a device. An analysis runs once for each input of the shape that its manifest declares:

        | Inputs | Runs for |
        |---|---|
        | `dictionary` | each dictionary of a trained model |
        | `sizes` | all feature counts on one model that differ in nothing else; needs two |
        | `seed-pair` | each dictionary on two consecutive seeds of the model; needs two seeds |

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
            var only = key.OnlyFor is null || section.Discriminator is null ? "" : $" ({section.Discriminator.Name} {string.Join(", ", key.OnlyFor.Select(kind => $"`{kind}`"))})";
            var allowed = key switch
            {
                SectionsKey => $"a section, see below, or a list of 1 to {SpecSchema.MaxSections} such sections",
                SectionKey => key == SpecSchema.DictionaryDefaults ? "a section like `dictionaries`" : "a section, see below",
                _ => key.Allowed,
            };
            text.AppendLine($"| `{key.Name}` | {Cell(allowed)} | {Cell(fallback)} | {Cell(key.Doc + only)} |");
        }

        foreach (var inner in section.Keys.Select(key => (key as SectionsKey)?.Section ?? key as SectionKey).OfType<SectionKey>().Where(inner => inner != SpecSchema.DictionaryDefaults))
        {
            WriteSection(text.AppendLine(), path.Length == 0 ? inner.Name : $"{path}.{inner.Name}", inner);
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|");
}
