using System.Security.Cryptography;
using System.Text;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Plugins;
using Orchestrator.Planning.Specs;

namespace Orchestrator.Planning.Plans;

/// <summary>Turns a spec into stages. Pure: equal spec, plugins and corpus give an equal plan.</summary>
public static class Planner
{
    /// <summary>Makes the plan.</summary>
    /// <param name="plugins">The catalog that the spec was read with.</param>
    /// <param name="fingerprint">What the corpus holds now (SHA-256 over names, sizes and contents); whatever it throws comes through.</param>
    /// <exception cref="ArgumentException">The spec asks for an analysis that the catalog does not offer.</exception>
    /// <exception cref="PlanException">A dictionary that it names is of another model.</exception>
    public static ExperimentPlan Plan(ExperimentSpec spec, PluginCatalog plugins, Func<CorpusDefinition, string> fingerprint) =>
        Plan(spec, plugins, fingerprint(spec.Corpus));

    /// <inheritdoc cref="Plan(ExperimentSpec, PluginCatalog, Func{CorpusDefinition, string})"/>
    /// <param name="corpusFingerprint">The corpus's fingerprint.</param>
    public static ExperimentPlan Plan(ExperimentSpec spec, PluginCatalog plugins, string corpusFingerprint)
    {
        var corpus = spec.Corpus with { Fingerprint = corpusFingerprint };
        var plan = new PlanBuilder();
        var tokenizer = plan.Add(new TokenizerStage(corpus, spec.Tokenizer), "tokenizer", 0);
        var tokens = plan.Add(new TokensStage(corpus, tokenizer), "tokens", 0);
        var models = ModelStages.Add(plan, spec, tokenizer, tokens);
        var dictionaries = DictionaryStages.Add(plan, spec, tokenizer, tokens, models);
        AnalysisStages.Add(plan, spec, plugins, tokenizer, tokens, dictionaries);
        return new ExperimentPlan(IdOf(spec.Name, plan.Stages), spec.Name, spec.Text, plan.Stages) { Demand = spec.Demand };
    }

    /// <summary>Sorted, so that the order in which a spec lists things does not make another experiment.</summary>
    internal static ExperimentId IdOf(string name, IReadOnlyList<PlanStage> stages)
    {
        var keys = string.Join('\n', stages.Select(stage => stage.Key.Value).Order(StringComparer.Ordinal));
        return new ExperimentId($"{name}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(keys)))[..8]}");
    }
}
