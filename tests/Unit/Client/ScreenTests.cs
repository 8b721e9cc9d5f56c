using Orchestrator.Client.Display;
using Orchestrator.Contracts.Features;
using Spectre.Console;
using Xunit;

namespace Orchestrator.Unit.Client;

public sealed class ScreenTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    [Fact]
    public void Table_WhereThereIsNoTerminal_IsLinesOfTabs()
    {
        var table = new TextTable("name", ">count");
        table.Add("a[b]", "1");
        new Screen(_output, _errors, terminal: null).Write(table);
        Assert.Equal(["name\tcount", "a[b]\t1"], _output.ToString().TrimEnd().Split(Environment.NewLine));
    }

    [Theory]
    [InlineData("[red]not red[/]")]
    [InlineData("[/]")]
    [InlineData("[[")]
    [InlineData("[link=https://example.org]x[/]")]
    public void Table_OnATerminal_ShowsMarkupAsItStands(string hostile)
    {
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(_output) });
        terminal.Profile.Width = 120;
        var table = new TextTable("token");
        table.Add(hostile);
        new Screen(TextWriter.Null, _errors, terminal).Write(table);
        Assert.Contains(hostile, _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Notices_GoToStandardError()
    {
        new Screen(_output, _errors, terminal: null).Notice("a silo was replaced");
        Assert.Equal("", _output.ToString());
        Assert.Equal("a silo was replaced", _errors.ToString().TrimEnd());
    }

    [Theory]
    [InlineData(" the", "·the")]
    [InlineData("\n\t", "⏎⇥")]
    [InlineData("\u001b[31m", "\\u{001B}[31m")]
    [InlineData("a\u202eb", "a\\u{202E}b")]
    [InlineData("\u00a0", "\\u{00A0}")]
    [InlineData("", "∅")]
    [InlineData("déjà 猫", "déjà·猫")]
    public void Tokens_AreShownAndNeverActedUpon(string token, string shown) => Assert.Equal(shown, VisibleText.Token(token));
}
