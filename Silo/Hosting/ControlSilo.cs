using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Grains;
using Orchestrator.Grains.Reports;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Devices;
using Orleans.Configuration;

namespace Orchestrator.Silo.Hosting;

/// <summary>The silo that holds the state: every grain but devices.</summary>
internal static class ControlSilo
{
    public static void AddControlRole(this ISiloBuilder silo, SiloSettings settings)
    {
        if (settings.Database is { } database)
        {
            silo.AddPostgresGrainStorage(settings.DatabaseString(database));
            silo.AddDatabaseReminders(settings, database);
        }
        else
        {
            silo.AddSqliteGrainStorage(settings.Layout);
        }

        silo.Services.AddGrains(settings.Layout);
        silo.Services.AddExperimentReports(settings.Plugins);
        silo.Services.AddHostedService<LibtorchAbsence>();
        // One binary serves both roles: what a silo hosts is what its manifest lists.
        silo.Services.PostConfigure<GrainTypeOptions>(types => types.Classes.Remove(typeof(DeviceGrain)));
    }
}
