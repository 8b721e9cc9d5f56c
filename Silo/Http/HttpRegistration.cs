using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestrator.Planning.Access;
using Orchestrator.Silo.Hosting;
using Orleans.Dashboard;

namespace Orchestrator.Silo.Http;

/// <summary>What a silo answers over HTTP, and to whom.</summary>
internal static class HttpRegistration
{
    /// <summary>Whether the process answers at all; anybody may ask.</summary>
    private const string Live = "/health/live";

    /// <summary>Whether it does its work; anybody may ask, what is wrong is told to readers only.</summary>
    private const string Ready = "/health/ready";

    private const string Metrics = "/metrics";
    private const string Dashboard = "/dashboard";

    public static void AddHttp(this WebApplicationBuilder builder, SiloSettings settings)
    {
        var (http, services) = (settings.Http, builder.Services);
        var certificate = http.HasTls ? settings.Certificate : null;
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(http.Address, http.Port, listen =>
            {
                if (certificate is not null)
                    listen.UseHttps(certificate.Own);
            });
        });
        services.AddRoutingCore();
        services.AddSingleton(http);
        services.AddSingleton<TokenCache>();
        services.AddDataProtection().UseEphemeralDataProtectionProvider(); // no cookies: there is nothing to keep keys for
        services.AddAuthentication(TokenAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, null);
        services.AddAuthorization(access =>
        {
            foreach (var role in Enum.GetNames<AccessRole>())
                access.AddPolicy(role, policy => policy.RequireRole(role));
        });
        var health = services.AddHealthChecks().AddCheck<MembershipHealth>("membership");
        if (settings.Role == SiloRole.Control)
            health.AddCheck<StorageHealth>("storage", timeout: TimeSpan.FromSeconds(5));
        else
            health.AddCheck<DeviceHealth>("device");
    }

    public static void MapHttp(this WebApplication application, SiloSettings settings)
    {
        application.UseAuthentication();
        application.UseAuthorization();
        application.MapHealthChecks(Live, new HealthCheckOptions { Predicate = _ => false });
        application.MapHealthChecks(Ready, new HealthCheckOptions { ResponseWriter = WriteHealth });
        application.MapPrometheusScrapingEndpoint(Metrics).RequireAuthorization(nameof(AccessRole.Read));
        if (settings.Role == SiloRole.Control)
            application.MapOrleansDashboard(Dashboard).RequireAuthorization(nameof(AccessRole.Admin));
    }

    private static Task WriteHealth(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        var mayKnow = context.User.IsInRole(nameof(AccessRole.Read));
        var checks = report.Entries.ToDictionary(entry => entry.Key, entry => mayKnow ? entry.Value.Description ?? Name(entry.Value.Status) : Name(entry.Value.Status));
        return JsonSerializer.SerializeAsync(context.Response.Body, new { status = Name(report.Status), checks }, cancellationToken: context.RequestAborted);
    }

    private static string Name(HealthStatus status) => status.ToString().ToLowerInvariant();
}
