using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Orchestrator.Silo.Devices;
using Orchestrator.Silo.Http;
using Orchestrator.Silo.Logging;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Orchestrator.Silo.Hosting;

/// <summary>A silo of one role, as a host.</summary>
public static class SiloHost
{
    /// <summary>The state in a database belongs to this name; it never changes.</summary>
    public const string ServiceId = "orchestrator";

    /// <summary>Builds the host, which is not started yet.</summary>
    /// <param name="settings">The command line.</param>
    /// <param name="configure">What the caller adds; it comes last, so that it may replace.</param>
    public static IHost Build(SiloSettings settings, Action<IServiceCollection>? configure = null)
    {
        // No defaults: no configuration file of the working folder and no environment variable changes a silo.
        var web = settings.Http.IsOn ? WebApplication.CreateEmptyBuilder(new WebApplicationOptions()) : null;
        var builder = web ?? (IHostApplicationBuilder)new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        web?.AddHttp(settings);
        builder.Services.AddSingleton(settings);
        builder.Services.AddTelemetry(settings);
        AddLogging(builder.Logging, settings);
        // The device's checkpoint first, then Orleans.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = new DeviceOptions().CheckpointGrace + TimeSpan.FromSeconds(15));
        builder.UseOrleans(silo =>
        {
            AddCluster(silo, settings);
            if (settings.Http.IsOn)
                silo.AddDashboard();

            if (settings.Role == SiloRole.Control)
                silo.AddControlRole(settings);
            else
                silo.AddGpuRole(settings);
        });
        if (settings.Role == SiloRole.Gpu)
            builder.Services.AddHostedService<DeviceHeartbeat>(); // after Orleans: starts later, stops earlier

        configure?.Invoke(builder.Services);
        if (web is null)
            return ((HostApplicationBuilder)builder).Build();

        var application = web.Build();
        application.MapHttp(settings);
        return application;
    }

    private static void AddCluster(ISiloBuilder silo, SiloSettings settings)
    {
        if (settings.Database is { } database)
        {
            silo.AddDatabaseCluster(settings, database);
        }
        else
        {
            silo.UseDevelopmentClustering(new IPEndPoint(IPAddress.Loopback, settings.PrimaryPort));
            silo.ConfigureEndpoints(IPAddress.Loopback, settings.SiloPort, settings.GatewayPort, listenOnAnyHostAddress: false);
        }

        silo.Services.AddPlacementDirector<DevicePlacement, DevicePlacementDirector>();
        silo.Configure<SiloOptions>(options => options.SiloName = settings.SiloName);
        silo.Configure<ClusterOptions>(options =>
        {
            options.ClusterId = settings.ClusterId;
            options.ServiceId = ServiceId;
        });
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            // A hung silo is declared dead after about 16 s instead of a minute, near the time when its lease ends. A
            // healthy one is never silent for that long: computing is done on a thread of its own.
            options.MaxProbeTimeout = TimeSpan.FromSeconds(5);
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
    }

    /// <summary>
    /// To stderr, which the parent writes into the store's logs: stdout carries only the line of readiness. What is about an
    /// experiment or a run stands in its own log too.
    /// </summary>
    private static void AddLogging(ILoggingBuilder logging, SiloSettings settings)
    {
        logging.Services.AddSingleton(_ => new RunLogWriter(settings.Layout, settings.SiloName));
        logging.Services.AddSingleton<ILoggerProvider>(services => new RunLogProvider(services.GetRequiredService<RunLogWriter>(), settings.SiloName, TimeProvider.System));
        logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Orchestrator", LogLevel.Information);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
