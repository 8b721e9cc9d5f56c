using System.Text.Json;
using Orchestrator.Abstractions.Results;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Cluster;

/// <summary>
/// <c>cluster.json</c>: the processes that serve a store and how to reach them. It may outlive them, so whoever reads it
/// compares start times before believing a process id.
/// </summary>
public sealed record ClusterFile
{
    /// <summary>Orleans' cluster id; new for each cluster, so that a stray silo of an older one never joins.</summary>
    public required string ClusterId { get; init; }

    /// <summary>The command that started the cluster and ends it; of a lasting one its supervisor.</summary>
    public required ProcessMark Client { get; init; }

    /// <summary>Port of the first control silo's gateway.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>Absolute path of the cluster's file; null: there is none.</summary>
    public string? Definition { get; init; }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string HttpScheme { get; init; } = "http";

    /// <summary>On which silos answer over HTTP.</summary>
    public string HttpAddress { get; init; } = "127.0.0.1";

    public required IReadOnlyList<SiloMark> Silos { get; init; }

    /// <summary>Whether the cluster outlives the command that asked for it.</summary>
    public bool IsLasting { get; init; }

    /// <summary>Whether all that a lasting cluster was asked for serves.</summary>
    public bool IsReady { get; init; }

    /// <summary>What is computed on: <c>cpu</c>, <c>cuda:0</c> …</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>The cluster that serves a store now; null where there is none, whatever was left behind.</summary>
    public static ClusterFile? FindRunning(StoreLayout layout)
    {
        var file = Read(layout.ClusterFile);
        using var client = file?.Client.Find();
        return client is null ? null : file;
    }

    /// <summary>The file's content; null where there is none or it is torn.</summary>
    public static ClusterFile? Read(string path)
    {
        try
        {
            return ResultJson.Read<ClusterFile>(path);
        }
        catch (Exception ex) when (ex is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Replaces the file whole.</summary>
    public void Write(string path)
    {
        var temporary = path + ".new";
        ResultJson.Write(temporary, this);
        File.Move(temporary, path, overwrite: true);
    }
}

/// <summary>A silo of the cluster.</summary>
/// <param name="Name"><c>control</c> or <c>gpu-DEVICE</c>.</param>
/// <param name="Port">Loopback port for silos.</param>
public sealed record SiloMark(string Name, int Port, ProcessMark Process)
{
    /// <summary>Why it is not started any more; null: it is.</summary>
    public string? Problem { get; init; }

    /// <summary>For health and metrics; null: no HTTP.</summary>
    public int? HttpPort { get; init; }
}
