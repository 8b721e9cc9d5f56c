using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Grains.Experiments;
using Orchestrator.Planning.Plugins;

namespace Orchestrator.Grains.Reports;

/// <summary>The reports of a control silo.</summary>
public static class ReportsRegistration
{
    /// <summary>Writes reports; manifests tell what analyses ask. No code of a plugin is loaded.</summary>
    /// <param name="services">Where the artefact store and the clock are.</param>
    /// <param name="pluginsFolder">Holds one folder a plugin; may be missing.</param>
    public static IServiceCollection AddExperimentReports(this IServiceCollection services, string pluginsFolder)
    {
        foreach (var plugin in PluginCatalog.Read(pluginsFolder).Plugins)
        {
            if (plugin is { State: PluginState.Active, Manifest: { } manifest })
            {
                services.AddSingleton(manifest);
            }
        }

        return services.AddSingleton<IExperimentReporter, ExperimentReporter>();
    }
}
