using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plugins;
using Orchestrator.Silo.Devices;
using Orchestrator.Silo.Hosting;
using Orchestrator.Silo.Plugins;
using static TorchSharp.torch;

namespace Orchestrator.Silo.Stages;

/// <summary>What computes stages; only on GPU silos.</summary>
public static class StagesRegistration
{
    public static IServiceCollection AddStages(this IServiceCollection services)
    {
        // First asked for on the device thread: the first touch of libtorch, with its cost and its risks, is there.
        services.AddSingleton(provider => new StageInputs(
            provider.GetRequiredService<ArtefactStore>(), device(provider.GetRequiredService<DeviceIdentity>().Local)));
        services.AddSingleton(provider => new PluginHost(
            PluginCatalog.Read(provider.GetRequiredService<SiloSettings>().Plugins, provider.GetRequiredService<SiloSettings>().Access.Plugins)));
        services.AddSingleton(provider => provider.GetRequiredService<SiloSettings>().Access.Folders);
        services.AddSingleton<ArtefactReader>();
        services.AddSingleton(AnalysisLimits.FromEnvironment());
        services.AddSingleton<TextStages>();
        services.AddSingleton<ModelStages>();
        services.AddSingleton<DictionaryMeasuring>();
        services.AddSingleton<DictionaryPublisher>();
        services.AddSingleton<DictionaryStages>();
        services.AddSingleton<ImportStages>();
        services.AddSingleton<ExportStages>();
        services.AddSingleton<AnalysisStages>();
        services.AddSingleton<IJobRunner, JobRunner>();
        return services;
    }
}
