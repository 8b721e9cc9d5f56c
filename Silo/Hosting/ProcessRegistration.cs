using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Orchestrator.Silo.Hosting;

/// <summary>What a silo has as a process of its own, and not inside a test.</summary>
internal static class ProcessRegistration
{
    public static void AddProcess(this IServiceCollection services)
    {
        services.AddSingleton<IHostLifetime, ProcessLifetime>();
        services.AddHostedService<Readiness>();
    }
}
