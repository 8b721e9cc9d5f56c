using System.CommandLine;
using System.Globalization;
using Orchestrator.Client.Display;
using Orchestrator.Planning.Access;

namespace Orchestrator.Client.Commands;

/// <summary><c>token create|ls|revoke</c>: who may use the cluster over HTTP.</summary>
internal static class TokenCommand
{
    public static Command Create(ClientContext context) =>
        new("token", "Access tokens of the cluster, for everything that is reached over HTTP.") { New(context), List(context), Revoke(context) };

    private static Command New(ClientContext context)
    {
        var (name, store, json) = (Name(), CommonOptions.Store(), CommonOptions.Json());
        var role = new Option<string>("--role") { Description = "What it may do: read, submit or admin; each may do what those before it may.", HelpName = "ROLE", Required = true };
        role.AcceptOnlyFromAmong("read", "submit", "admin");
        var command = new Command("create", "Make a token; its secret is shown once and kept nowhere.") { name, role, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (called, may) = (parsed.GetRequiredValue(name), Enum.Parse<AccessRole>(parsed.GetRequiredValue(role), ignoreCase: true));
            string secret;
            try
            {
                secret = await Tokens(context, parsed, store).Create(called, may, cancellationToken);
            }
            catch (InvalidOperationException exception)
            {
                throw CommandFailure.Usage(exception.Message);
            }

            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(new { Name = called, Role = may, Secret = secret });
            }
            else
            {
                context.Screen.Line(secret);
                context.Screen.Notice($"This is the secret of '{called}'; it cannot be shown again. Send it as 'Authorization: Bearer …', or give it to a browser as the password.");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List(ClientContext context)
    {
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("ls", "List the tokens, without their secrets.") { store, json };
        command.SetAction(parsed =>
        {
            var tokens = Tokens(context, parsed, store).List();
            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(tokens.Select(token => new { token.Name, token.Role, token.CreatedAt }));
                return ExitCodes.Done;
            }

            if (tokens.Count == 0)
            {
                context.Screen.Line("There is no token: over HTTP the cluster answers this machine only, and everybody on it.");
                return ExitCodes.Done;
            }

            var table = new TextTable("!name", "role", "created");
            foreach (var token in tokens)
            {
                table.Add(token.Name, token.Role.ToString().ToLowerInvariant(), token.CreatedAt.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
            }

            context.Screen.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Revoke(ClientContext context)
    {
        var (name, store, json) = (Name(), CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("revoke", "Make a token worthless; silos know within a second.") { name, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (called, tokens) = (parsed.GetRequiredValue(name), Tokens(context, parsed, store));
            if (!await tokens.Revoke(called, cancellationToken))
            {
                throw CommandFailure.Usage(tokens.List() is [] ? $"There is no token '{called}', and no other." : $"There is no token '{called}'; there are: {string.Join(", ", tokens.List().Select(token => token.Name))}.");
            }

            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(new { Name = called, Revoked = true });
            }
            else
            {
                context.Screen.Line($"The token '{called}' is worthless now.");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static AccessTokens Tokens(ClientContext context, ParseResult parsed, Option<string> store) => new(parsed.Layout(store), context.Time);

    private static Argument<string> Name()
    {
        var name = new Argument<string>("NAME") { Description = "Whose token it is, or what for." };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (token.Value.Trim().Length is 0 or > 100 || token.Value.Any(char.IsControl)))
            {
                result.AddError("NAME is one line of 1 to 100 characters.");
            }
        });
        return name;
    }
}
