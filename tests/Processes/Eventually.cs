namespace Orchestrator.Processes;

/// <summary>Waits for what other processes do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns the first value that is not null.</summary>
    /// <exception cref="TimeoutException">None came in time; the message has what the test knows.</exception>
    public static async Task<T> Get<T>(Func<T?> look, TimeSpan limit, Func<string> describe)
        where T : class
    {
        var start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(Poll);
        while (TimeProvider.System.GetElapsedTime(start) < limit)
        {
            if (look() is { } value)
            {
                return value;
            }

            await timer.WaitForNextTickAsync();
        }

        throw new TimeoutException($"It did not happen within {limit.TotalSeconds:0} s. {describe()}");
    }

    public static Task Be(Func<bool> condition, TimeSpan limit, Func<string> describe) =>
        Get(() => condition() ? "yes" : null, limit, describe);
}
