using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orchestrator.Database;
using Orleans.Configuration;
using Orleans.Configuration.Overrides;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;

namespace Orchestrator.Grains.Storage;

/// <summary>The state store of a cluster that spans hosts.</summary>
public static class PostgresStorageRegistration
{
    /// <summary>Keeps the state of all grains in a PostgreSQL database that has the schema.</summary>
    /// <param name="silo">A control silo.</param>
    /// <param name="connection">Its connection string.</param>
    public static ISiloBuilder AddPostgresGrainStorage(this ISiloBuilder silo, string connection)
    {
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddGrainStorage(
            ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME,
            (services, name) => new PostgresGrainStorage(CreateInner(services, name, connection), services.GetRequiredService<TimeProvider>()));
        return silo;
    }

    private static AdoNetGrainStorage CreateInner(IServiceProvider services, string name, string connection)
    {
        var options = Options.Create(new AdoNetGrainStorageOptions
        {
            Invariant = DatabaseConnection.Invariant,
            ConnectionString = connection,
            GrainStorageSerializer = new OrleansGrainStorageSerializer(services.GetRequiredService<Serializer>()), // as in the embedded store
        });
        return ActivatorUtilities.CreateInstance<AdoNetGrainStorage>(
            services, options, name, services.GetProviderClusterOptions(name));
    }
}
