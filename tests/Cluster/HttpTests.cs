using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Orchestrator.Planning.Access;
using Xunit;

namespace Orchestrator.Cluster;

/// <summary>What a control silo answers over HTTP, and to whom.</summary>
public sealed class HttpTests : IAsyncLifetime
{
    private readonly House _house = new() { HasHttp = true };
    private readonly HttpClient _client = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _house.InitializeAsync();
        _client.BaseAddress = _house.HttpAddress;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _house.DisposeAsync();
    }

    [Fact]
    public async Task WithoutTokens_ThisMachineMayDoEverything()
    {
        foreach (var path in (string[])["health/live", "health/ready", "metrics", "dashboard/"])
            Assert.Equal((path, HttpStatusCode.OK), (path, await Get(path)));

        Assert.Contains("\"storage\":\"healthy\"", await _client.GetStringAsync("health/ready", Cancellation));
    }

    [Fact]
    public async Task WithoutTokens_APageOfAnotherSiteMayNothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "metrics");
        request.Headers.Host = "evil.example";

        using var answer = await _client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task WithTokens_EachMayDoWhatItsRoleSays_UntilItIsRevoked()
    {
        var tokens = new AccessTokens(_house.Layout, TimeProvider.System);
        var reader = await tokens.Create("reader", AccessRole.Read, Cancellation);
        var operatorSecret = await tokens.Create("operator", AccessRole.Admin, Cancellation);
        await House.Eventually(async () => await Get("metrics") == HttpStatusCode.Unauthorized);

        Assert.Equal(HttpStatusCode.OK, await Get("health/live"));
        Assert.Equal(HttpStatusCode.OK, await Get("health/ready"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Get("dashboard/"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Get("metrics", Bearer("orc_guessed")));
        Assert.Equal(HttpStatusCode.OK, await Get("metrics", Bearer(reader)));
        Assert.Equal(HttpStatusCode.Forbidden, await Get("dashboard/", Bearer(reader)));
        Assert.Equal(HttpStatusCode.OK, await Get("dashboard/", Bearer(operatorSecret)));
        Assert.Equal(HttpStatusCode.OK, await Get("dashboard/", Basic(operatorSecret)));
        Assert.Equal(HttpStatusCode.Unauthorized, await Get("metrics", new AuthenticationHeaderValue("Basic", "no base64")));

        await tokens.Revoke("reader", Cancellation);
        await House.Eventually(async () => await Get("metrics", Bearer(reader)) == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task ATornFileOfTokens_LetsNobodyIn()
    {
        await File.WriteAllTextAsync(_house.Layout.AccessTokens, "{", Cancellation);

        await House.Eventually(async () => await Get("metrics") == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, await Get("health/live"));
    }

    [Fact]
    public async Task Metrics_CountWhatRuns()
    {
        await _house.AddDevice("cpu", job => job.Complete());
        await _house.Experiment("a-1").Submit(new Plan(512).Submission, Cancellation);
        await _house.End("a-1");

        await House.Eventually(async () =>
        {
            var metrics = await _client.GetStringAsync("metrics", Cancellation);
            return metrics.Split('\n').Any(line => line.StartsWith("orchestrator_run_ended_total", StringComparison.Ordinal) && line.Contains("kind=\"dictionary\"") && line.Contains("end=\"completed\""))
                && metrics.Contains("orchestrator_pool_devices{", StringComparison.Ordinal)
                && metrics.Contains("orchestrator_run_duration_seconds_count", StringComparison.Ordinal);
        });
    }

    private static AuthenticationHeaderValue Bearer(string secret) => new("Bearer", secret);

    private static AuthenticationHeaderValue Basic(string secret) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"ana:{secret}")));

    private async Task<HttpStatusCode> Get(string path, AuthenticationHeaderValue? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = authorization;
        using var answer = await _client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
