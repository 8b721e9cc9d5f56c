using Orchestrator.Client.Cluster;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Plugins;
using Orchestrator.Planning.Specs;
using Orchestrator.Text.Corpus;

namespace Orchestrator.Client.Commands;

/// <summary>From a spec's file to its plan, or to everything that is wrong with it.</summary>
internal static class PlannedSpec
{
    /// <summary>Reads and plans; starts and creates nothing. Problems are told on standard error, a line each.</summary>
    /// <returns>Null where the spec has problems.</returns>
    public static ExperimentPlan? Read(ClientContext context, string path, StoreLayout layout, CancellationToken cancellationToken)
    {
        var plugins = PluginCatalog.Read(SiloInstallation.Find(context.ProgramFolder).Plugins, ClusterSettings.AccessOf(layout).Plugins);
        var reading = SpecReader.ReadFile(path, plugins, new StoredDictionaries(new ArtefactStore(layout, context.Time)));
        if (!reading.IsValid)
        {
            foreach (var problem in reading.Problems)
            {
                context.Screen.Error(problem.ToString());
            }

            return null;
        }

        try
        {
            return Planner.Plan(reading.Spec, plugins, corpus => CorpusFingerprint.Compute(corpus, cancellationToken));
        }
        catch (PlanException exception)
        {
            context.Screen.Error($"{path}: {exception.Message}");
            return null;
        }
        catch (CorpusException exception)
        {
            foreach (var problem in exception.Problems)
            {
                context.Screen.Error($"{path}: corpus: {problem}");
            }

            return null;
        }
    }
}
