using System.Globalization;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestrator.Client.Display;

/// <summary>Progress on a terminal: one table that is drawn over, a row for each stage that runs.</summary>
public sealed class ProgressView : IProgressDisplay
{
    private const int BarWidth = 18;

    /// <summary>What the columns beside the bar need with usual labels: a narrow terminal has a shorter bar, not broken rows.</summary>
    private const int WidthWithoutBar = 94;

    private readonly IAnsiConsole _terminal;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Queue<string> _notices = new();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Task _drawing;
    private LiveDisplayContext? _live;
    private ExperimentStatus? _last;

    public ProgressView(IAnsiConsole terminal, TimeProvider time)
    {
        (_terminal, _time, _start) = (terminal, time, time.GetTimestamp());
        _drawing = terminal.Live(Drawn.Plain("")).AutoClear(true).StartAsync(async live =>
        {
            lock (_gate)
            {
                _live = live;
            }

            await _end.Task;
        });
    }

    public void Show(ExperimentStatus status)
    {
        lock (_gate)
        {
            _last = status;
            Draw();
        }
    }

    public void Notice(string text)
    {
        lock (_gate)
        {
            _notices.Enqueue($"[{Numbers.Duration(_time.GetElapsedTime(_start))}] {text}");
            if (_notices.Count > 4)
            {
                _notices.Dequeue();
            }

            Draw();
        }
    }

    public void Dispose()
    {
        _end.TrySetResult();
        _drawing.GetAwaiter().GetResult();
    }

    private void Draw()
    {
        if (_live is null)
        {
            return;
        }

        List<IRenderable> parts = [];
        if (_last is not null)
        {
            parts.AddRange([Overall(_last), Running(_last)]);
        }

        parts.AddRange(_notices.Select(notice => Drawn.Plain(notice, new Style(Color.Yellow))));
        _live.UpdateTarget(new Rows(parts));
    }

    private IRenderable Overall(ExperimentStatus status)
    {
        var done = status.Stages.Count(stage => stage.Phase.IsDone());
        var cached = status.Stages.Count(stage => stage.Phase == StagePhase.Cached);
        var stopped = status.Stages.Count(stage => stage.Phase == StagePhase.Stopped);
        var remark = stopped == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {stopped} stopped early");
        var text = string.Create(CultureInfo.InvariantCulture, $"{status.Name}  {Bar(done, status.Stages.Count, BarWidth)} {done}/{status.Stages.Count} stages ({cached} cached{remark}), {Numbers.Duration(_time.GetElapsedTime(_start))}");
        return Drawn.Plain(text, new Style(decoration: Decoration.Bold));
    }

    private IRenderable Running(ExperimentStatus status)
    {
        var running = status.Stages.Where(stage => stage.Phase == StagePhase.Running).ToList();
        if (running.Count == 0)
        {
            var atRung = status.Stages.FirstOrDefault(stage => stage.Phase == StagePhase.AtRung);
            return Drawn.Plain(atRung is null ? "waiting for a device …" : $"{atRung.Label} {atRung.Reason} …", new Style(Color.Grey));
        }

        var bar = Math.Clamp(_terminal.Profile.Width - WidthWithoutBar, 0, BarWidth);
        var table = new TextTable("stage", "!activity", "!progress", ">tokens/s", ">left", ">loss", ">L0");
        foreach (var stage in running)
        {
            Add(table, stage.Attempts > 1 ? $"{stage.Label} (attempt {stage.Attempts})" : stage.Label, stage.Progress, bar);
        }

        return table.ToRenderable();
    }

    private static void Add(TextTable table, string label, RunProgress? progress, int bar)
    {
        if (progress is null)
        {
            table.Add(label, "starting", "", "", "", "", "");
            return;
        }

        var steps = progress.Steps > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Bar(progress.Step, progress.Steps, bar)} {progress.Step}/{progress.Steps}").TrimStart()
            : "";
        table.Add(
            label,
            progress.Activity,
            steps,
            Numbers.Rate(progress.TokensPerSecond),
            RunEstimate.Remaining(progress) is { } left ? Numbers.Duration(left) : "–",
            Numbers.Fraction(progress.Loss),
            Numbers.L0(progress.L0));
    }

    private static string Bar(long done, long all, int width)
    {
        var filled = all > 0 ? (int)Math.Clamp(done * width / all, 0, width) : 0;
        return new string('━', filled) + new string('╌', width - filled);
    }
}
