using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Planning.Artefacts;
using Orleans.Configuration;
using Orleans.Configuration.Overrides;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;

namespace Orchestrator.Grains.Storage;

/// <summary>The embedded state store.</summary>
public static class SqliteStorageRegistration
{
    /// <summary>The name under which Orleans' ADO.NET storage knows Microsoft.Data.Sqlite.</summary>
    private const string Invariant = "System.Data.SQLite";

    /// <summary>Keeps the state of all grains in the store's one SQLite file, creating it where it is missing.</summary>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder silo, StoreLayout layout)
    {
        silo.Services.AddGrainStorage(
            ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME,
            (services, name) => new OffTurnGrainStorage(CreateInner(services, name, layout), layout));
        return silo;
    }

    private static AdoNetGrainStorage CreateInner(IServiceProvider services, string name, StoreLayout layout)
    {
        var options = Options.Create(new AdoNetGrainStorageOptions
        {
            Invariant = Invariant,
            ConnectionString = SqliteSchema.ConnectionString(layout),
            // Binary with field ids: versions of a state class read each other, and private constructors are no obstacle.
            GrainStorageSerializer = new OrleansGrainStorageSerializer(services.GetRequiredService<Serializer>()),
        });
        return ActivatorUtilities.CreateInstance<AdoNetGrainStorage>(
            services, options, name, services.GetProviderClusterOptions(name));
    }
}
