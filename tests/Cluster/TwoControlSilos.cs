using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Grains;
using Orchestrator.Grains.Experiments;
using Orchestrator.Grains.Storage;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Devices;
using Orleans.Configuration;
using Orleans.TestingHost;
using Xunit;

namespace Orchestrator.Cluster;

/// <summary>
/// Two silos of Orleans' test cluster that share one store: whichever hosts a grain may be lost. Devices, and whatever
/// depends on real sockets, are tested in <see cref="House"/>.
/// </summary>
public sealed class TwoControlSilos : IAsyncLifetime
{
    private const string StoreKey = "orchestrator:store";

    private readonly string _root = Directory.CreateTempSubdirectory("orchestrator-").FullName;
    private TestCluster? _cluster;

    public StoreLayout Layout => new(_root);

    public IGrainFactory Grains => _cluster!.GrainFactory;

    public async ValueTask InitializeAsync()
    {
        var builder = new TestClusterBuilder(initialSilosCount: 2);
        builder.Properties[StoreKey] = _root;
        builder.AddSiloBuilderConfigurator<ControlSilo>();
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    /// <summary>Ends the silo that is not the primary, without a chance to hand anything over.</summary>
    public async Task KillSecond()
    {
        await _cluster!.KillSiloAsync(_cluster.SecondarySilos[0]);
        await _cluster.WaitForLivenessToStabilizeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster!.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private sealed class ControlSilo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            var layout = new StoreLayout(siloBuilder.Configuration[StoreKey]!);
            siloBuilder.AddSqliteGrainStorage(layout);
            siloBuilder.Services.AddGrains(layout);
            siloBuilder.Services.AddSingleton<IExperimentReporter, RecordingReporter>();
            siloBuilder.Services.PostConfigure<GrainTypeOptions>(types => types.Classes.Remove(typeof(DeviceGrain)));
        }
    }
}
