using System.Diagnostics.CodeAnalysis;
using Orchestrator.Abstractions;
using Orchestrator.Grains.Scheduling.Devices;

namespace Orchestrator.Grains.Scheduling.Shares;

/// <summary>The experiments of a pool.</summary>
internal sealed class Accounts(SchedulingOptions options)
{
    /// <summary>After so many half-lives a millionth is left of past use: nothing that could decide anything.</summary>
    private const int HalfLivesToForget = 20;

    private readonly Dictionary<ExperimentId, Account> _accounts = [];
    private readonly List<Account> _byName = [];

    /// <summary>By name: sums over them must come out the same, to the last bit, after a restart.</summary>
    public IReadOnlyList<Account> All => _byName;

    public bool TryGet(ExperimentId experiment, [MaybeNullWhen(false)] out Account account) => _accounts.TryGetValue(experiment, out account);

    public Account GetOrAdd(ExperimentId experiment, DateTimeOffset now)
    {
        if (!_accounts.TryGetValue(experiment, out var account))
        {
            _accounts[experiment] = account = new Account(experiment, now, options.HalfLife);
            _byName.Insert(~_byName.BinarySearch(account, Account.ByName), account);
        }

        return account;
    }

    /// <summary>Starts or stops the clocks of all lines, after devices came or went.</summary>
    public void Refresh(Fleet fleet, DateTimeOffset now, Action<Account> changed)
    {
        foreach (var account in _byName)
            Refresh(account, fleet, now, changed);
    }

    public static void Refresh(Account account, Fleet fleet, DateTimeOffset now, Action<Account> changed)
    {
        foreach (var line in account.Lines)
        {
            if (line.Refresh(fleet, now))
                changed(account);
        }
    }

    /// <summary>Forgets experiments that are over: nothing waits, nothing is held, nothing was set, nothing is remembered.</summary>
    public IReadOnlyList<ExperimentId> Forget(DateTimeOffset now)
    {
        var over = _byName
            .Where(account => account is { IsDefault: true, Held: 0, Jobs.Count: 0 }
                && now - account.UsageRecord.At > HalfLivesToForget * options.HalfLife)
            .Select(account => account.Experiment)
            .ToList();
        foreach (var experiment in over)
            _accounts.Remove(experiment);

        if (over.Count > 0)
            _byName.RemoveAll(account => !_accounts.ContainsKey(account.Experiment));

        return over;
    }
}
