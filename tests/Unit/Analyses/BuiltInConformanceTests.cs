using Orchestrator.Abstractions.Analyses;
using Orchestrator.Conformance;

namespace Orchestrator.Unit.Analyses;

public abstract class BuiltInConformance(string kind) : AnalysisConformance
{
    protected override AnalysisManifest Manifest => BuiltInAnalyses.Manifest(kind);

    protected override IAnalysis Create() => BuiltInAnalyses.Create(kind);
}

public sealed class UniversalityConformanceTests() : BuiltInConformance("universality");

public sealed class FeatureSplittingConformanceTests() : BuiltInConformance("feature-splitting");

public sealed class FiniteStateAutomataConformanceTests() : BuiltInConformance("finite-state-automata");

public sealed class FeatureReportConformanceTests() : BuiltInConformance("feature-report");

public sealed class DensityConformanceTests() : BuiltInConformance("density");

public sealed class ProxiesConformanceTests() : BuiltInConformance("proxies");
