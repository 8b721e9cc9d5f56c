using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Shares;

/// <summary>
/// Whose turn it is. A higher class first; within a class the experiment with the least of past use and present holdings,
/// both by weight.
/// </summary>
/// <remarks>
/// Past use alone would give a newcomer every device that becomes free, for hours, because its average rises slowly; present
/// holdings alone would forget who had more than their share a moment ago. The sum does both, and settles without swinging:
/// whoever is behind holds more than its share while it catches up. Past use may only move holdings to between
/// one half and three halves of a fair share, so that neither a weekend alone on the devices nor one away from them
/// locks anybody out.
/// </remarks>
internal sealed class Ranking(Accounts accounts, Fleet fleet)
{
    /// <summary>
    /// Weight of past use against present holdings: a lag of 1 % is made good by 1 % more devices. More would make it good
    /// sooner, and swing where runs take hours: devices come back only when runs end.
    /// </summary>
    private const double PastGain = 1;

    /// <summary>How far past use may move holdings away from a fair share, as a part of it.</summary>
    private const double Reach = 0.5;

    private readonly List<RankedLine> _ranked = [];
    private readonly Dictionary<int, (double Weight, int Held)> _classes = [];

    /// <summary>The lines that have a job for the devices that are there and may hold more, those first that go first.</summary>
    /// <returns>Good until the next call.</returns>
    public IReadOnlyList<RankedLine> Rank(DateTimeOffset now)
    {
        _ranked.Clear();
        _classes.Clear();
        foreach (var account in accounts.All)
        {
            if (account.Jobs.Count == 0 || account.Paused || IsHeldBack(account))
                continue;

            foreach (var line in account.Lines)
                Consider(line);
        }

        for (var i = 0; i < _ranked.Count; i++)
            _ranked[i] = Judge(_ranked[i], now);

        _ranked.Sort();
        return _ranked;
    }

    /// <summary>Past use and what it would hold with so many devices more, or less: what experiments of one class are compared by.</summary>
    public static double Claim(Account account, DateTimeOffset now, int more = 0) =>
        (PastGain * account.Usage(now)) + account.Level + (more / account.Weight);

    /// <summary>
    /// Whether the first job of its highest class waits for the experiment's own limit: then nothing below it may use
    /// the limit up.
    /// </summary>
    private bool IsHeldBack(Account account)
    {
        if (account.MaxDevices is null)
            return false;

        var first = account.Lines
            .Select(line => line.Head(fleet))
            .OfType<WaitingJob>()
            .OrderByDescending(head => head.Class)
            .ThenBy(head => head.Order)
            .FirstOrDefault();
        return first is not null && !account.MayHold(first.Demand.Devices);
    }

    private void Consider(Line line)
    {
        if (line.Head(fleet) is not { } head || !line.Account.MayHold(head.Demand.Devices))
            return;

        var (weight, held) = _classes.GetValueOrDefault(line.Class);
        if (!IsCounted(line))
            _classes[line.Class] = (weight + line.Account.Weight, held + line.Account.Held);

        _ranked.Add(new RankedLine(line, head, ShareTier.Near, 0));
    }

    /// <summary>An experiment may have two lines in one class: jobs that name it, and jobs that name none.</summary>
    private bool IsCounted(Line line)
    {
        for (var i = _ranked.Count - 1; i >= 0 && _ranked[i].Line.Account == line.Account; i--)
        {
            if (_ranked[i].Line.Class == line.Class)
                return true;
        }

        return false;
    }

    private RankedLine Judge(RankedLine ranked, DateTimeOffset now)
    {
        var account = ranked.Line.Account;
        var (weight, held) = _classes[ranked.Line.Class];
        var fairShare = account.Weight * (held + fleet.Free.Count) / weight;
        var holds = account.Prospect;
        var tier = holds + ranked.Head.Demand.Devices <= (1 - Reach) * fairShare ? ShareTier.Below
            : holds >= (1 + Reach) * fairShare ? ShareTier.Above
            : ShareTier.Near;
        return ranked with { Tier = tier, Score = tier == ShareTier.Near ? Claim(account, now) : account.Level };
    }
}
