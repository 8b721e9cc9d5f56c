using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Planning.Access;

namespace Orchestrator.Silo.Http;

/// <summary>
/// Knows people by their access token: <c>Authorization: Bearer orc_…</c>, or as the password that a browser asks for, with
/// any user name. While a cluster has no token and listens on loopback only, everybody on its machine is let in.
/// </summary>
internal sealed class TokenAuthentication(
    TokenCache tokens, HttpSettings http, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "token";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = """Basic realm="Orchestrator: any user name, an access token as the password", charset="UTF-8", Bearer""";
        return Task.CompletedTask;
    }

    private AuthenticateResult Authenticate()
    {
        IReadOnlyList<AccessToken> known;
        try
        {
            known = tokens.Tokens;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return AuthenticateResult.Fail(exception);
        }

        if (known.Count == 0)
            return http.IsLoopback && IsAskedAsLoopback() ? Admit("this machine", AccessRole.Admin) : AuthenticateResult.NoResult();

        return Secret() is not { } secret ? AuthenticateResult.NoResult()
            : AccessTokens.Find(known, secret) is { } token ? Admit(token.Name, token.Role)
            : AuthenticateResult.Fail("The access token is not one of this cluster's.");
    }

    /// <summary>A page of another site whose name was made to point here must not be taken for a user of this machine.</summary>
    private bool IsAskedAsLoopback() => Request.Host.Host is "localhost" or "127.0.0.1" or "[::1]";

    private string? Secret()
    {
        if (!AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header) || header.Parameter is not { } parameter)
            return null;

        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return parameter;

        var decoded = new byte[parameter.Length];
        return header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) && Convert.TryFromBase64String(parameter, decoded, out var length)
            ? Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2).Last()
            : null;
    }

    private static AuthenticateResult Admit(string name, AccessRole role)
    {
        var roles = Enum.GetValues<AccessRole>().Where(held => held <= role).Select(held => new Claim(ClaimTypes.Role, held.ToString()));
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, name), .. roles], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}
