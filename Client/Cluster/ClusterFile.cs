using System.Text.Json;
using Orchestrator.Abstractions.Results;

namespace Orchestrator.Client.Cluster;

/// <summary>
/// <c>cluster.json</c>: the processes that serve a store and how to reach them. It may outlive them, so whoever reads it
/// compares start times before believing a process id.
/// </summary>
public sealed record ClusterFile
{
    /// <summary>Orleans' cluster id; new for each cluster, so that a stray silo of an older one never joins.</summary>
    public required string ClusterId { get; init; }

    /// <summary>The command that started the cluster and ends it.</summary>
    public required ProcessMark Client { get; init; }

    /// <summary>Loopback port of the control silo's gateway.</summary>
    public required int GatewayPort { get; init; }

    public required IReadOnlyList<SiloMark> Silos { get; init; }

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
public sealed record SiloMark(string Name, int Port, ProcessMark Process);
