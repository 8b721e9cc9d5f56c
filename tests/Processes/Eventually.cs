namespace Orchestrator.Processes;

/// <summary>Waits for what other processes do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenCommands = TimeSpan.FromMilliseconds(300);

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

    /// <summary>Asks a command again and again, and returns the first answer that is as wanted.</summary>
    /// <exception cref="TimeoutException">None was in time; the message has the last one.</exception>
    public static async Task<T> Answer<T>(Func<Task<T>> ask, Func<T, bool> isWanted, TimeSpan limit, Func<T, string> describe)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (isWanted(answer))
            {
                return answer;
            }

            if (TimeProvider.System.GetElapsedTime(start) >= limit)
            {
                throw new TimeoutException($"It was not answered within {limit.TotalSeconds:0} s. {describe(answer)}");
            }

            await Task.Delay(BetweenCommands);
        }
    }

    public static Task Be(Func<bool> condition, TimeSpan limit, Func<string> describe) =>
        Get(() => condition() ? "yes" : null, limit, describe);
}
