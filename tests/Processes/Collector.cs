using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Orchestrator.Processes;

/// <summary>Takes whatever silos export by OTLP over HTTP.</summary>
internal sealed class Collector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<(string Path, string Text)> _received = [];

    public Collector(int port)
    {
        Address = $"http://localhost:{port}/";
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _ = Receive();
    }

    public string Address { get; }

    /// <summary>Whether an export to a path held some text; names and values stand in OTLP's messages as they are.</summary>
    public bool Has(string path, string text) => _received.Any(export => export.Path == path && export.Text.Contains(text, StringComparison.Ordinal));

    public void Dispose() => _listener.Close();

    private async Task Receive()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                _received.Enqueue((context.Request.Url!.AbsolutePath, Encoding.Latin1.GetString(body.ToArray())));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
