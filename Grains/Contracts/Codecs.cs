using Orchestrator.Abstractions;

// Abstractions references only Orleans' attributes; the codecs of its ids are generated here.
[assembly: GenerateCodeForDeclaringAssembly(typeof(FeatureId))]
