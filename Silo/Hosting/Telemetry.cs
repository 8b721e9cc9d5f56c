using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orchestrator.Grains.Telemetry;

namespace Orchestrator.Silo.Hosting;

/// <summary>Who is told of numbers and traces.</summary>
internal static class Telemetry
{
    private static readonly string[] Meters = [TelemetrySource.Name, "Microsoft.Orleans", "System.Runtime"];

    /// <summary>Metrics to whoever scrapes the silo, metrics and traces to the collector that the operator names.</summary>
    public static void AddTelemetry(this IServiceCollection services, SiloSettings settings)
    {
        var collector = settings.Http.Collector;
        if (!settings.Http.IsOn && collector is null)
            return;

        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("orchestrator", serviceInstanceId: settings.SiloName)
                .AddAttributes([new("orchestrator.cluster", settings.ClusterId)]))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters);
                if (settings.Http.IsOn)
                    metrics.AddPrometheusExporter();

                if (collector is not null)
                    metrics.AddOtlpExporter(exporter => Point(exporter, collector, "v1/metrics"));
            });
        if (collector is not null)
            telemetry.WithTracing(traces => traces.AddSource(TelemetrySource.Name).AddOtlpExporter(exporter => Point(exporter, collector, "v1/traces")));
    }

    private static void Point(OtlpExporterOptions exporter, Uri collector, string signal)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(new Uri(collector.AbsoluteUri.TrimEnd('/') + "/"), signal);
    }
}
