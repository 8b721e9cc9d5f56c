using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Silo.Stages;

/// <summary>What computes stages; only on GPU silos.</summary>
public static class StagesRegistration
{
    public static IServiceCollection AddStages(this IServiceCollection services) => services;
}
