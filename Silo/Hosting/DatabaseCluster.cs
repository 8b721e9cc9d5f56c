using System.Net;
using Orchestrator.Database;
using Orchestrator.Planning.Access;
using Orchestrator.Planning.Clusters;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace Orchestrator.Silo.Hosting;

/// <summary>A silo of a cluster whose members find each other in a database.</summary>
internal static class DatabaseCluster
{
    /// <summary>A server that restarts is back by then; a service manager or a supervisor starts the silo again after that.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Sees, before anything starts, that the database has this program's schema and that the store is the database's. While
    /// the database is away, it waits.
    /// </summary>
    /// <exception cref="DatabaseException">They do not fit, or it stayed away.</exception>
    public static async Task Require(SiloSettings settings, TimeProvider time)
    {
        if (settings.Database is not { } database)
        {
            if (StoreIdentity.Read(settings.Layout) is { } mark)
                throw new DatabaseException($"The state of the store {settings.Layout.Root} is in the {mark.Database}. Name the cluster's file with --cluster.");

            return;
        }

        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await DatabaseSchema.Require(database, CancellationToken.None);
                await StoreIdentity.Require(database, settings.Layout, CancellationToken.None);
                return;
            }
            catch (DatabaseException e) when (e.IsPassing && time.GetElapsedTime(started) < StartPatience)
            {
                await Task.Delay(BetweenTries, time);
            }
        }
    }

    /// <summary>Where silos find each other, and how they notice that one is gone.</summary>
    public static void AddDatabaseCluster(this ISiloBuilder silo, SiloSettings settings, DatabaseDefinition database)
    {
        silo.UseAdoNetClustering(options =>
        {
            options.Invariant = DatabaseConnection.Invariant;
            options.ConnectionString = settings.DatabaseString(database);
        });
        silo.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = settings.Network.Advertised;
            options.SiloPort = settings.SiloPort;
            options.GatewayPort = settings.GatewayPort;
            options.SiloListeningEndpoint = new IPEndPoint(settings.Network.Listen, settings.SiloPort);
            if (settings.GatewayPort != 0)
                options.GatewayListeningEndpoint = new IPEndPoint(settings.Network.Listen, settings.GatewayPort);
        });
        if (settings.Certificate is { } certificate)
        {
            silo.UseTls(certificate.Own, tls =>
            {
                tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
                tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
                tls.RemoteCertificateValidation = (peer, _, _) => certificate.IsOurs(peer);
                tls.OnAuthenticateAsClient = (_, client) => client.TargetHost = ClusterCertificate.PeerName;
            });
        }

        silo.Configure<ClusterMembershipOptions>(options =>
        {
            // Two silos must agree before a third counts as dead, where there are so many: one with a broken network does
            // not take the others down. They probe each other, so that a database that is away harms nobody: nobody is
            // declared dead meanwhile, and nobody can be.
            options.NumVotesForDeathDeclaration = 2;
            // A silo that others gave up learns of it from the list of members, where their messages cannot reach it. Until
            // then it works on for nothing: its writes are refused by their versions, its leases by their epochs.
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            // The dead are kept for whoever looks into what happened, not for good.
            options.DefunctSiloExpiration = TimeSpan.FromDays(1);
            options.DefunctSiloCleanupPeriod = TimeSpan.FromHours(1);
        });
    }

    /// <summary>What control silos have beside that: state, and reminders.</summary>
    public static void AddDatabaseReminders(this ISiloBuilder silo, SiloSettings settings, DatabaseDefinition database) =>
        silo.UseAdoNetReminderService(options =>
        {
            options.Invariant = DatabaseConnection.Invariant;
            options.ConnectionString = settings.DatabaseString(database);
        });
}
