using Orchestrator.Contracts.Features;
using Orleans.Runtime.Messaging;

namespace Orchestrator.Client.Cluster;

/// <summary>
/// Sends calls again that were lost with a control silo: another one, or the same one started again, answers them soon. Whether
/// a lost call had arrived is not known, which is why it is done only with calls that mean the same sent twice.
/// </summary>
internal sealed class CallRetries(LogFile log, TimeProvider time) : IOutgoingGrainCallFilter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(300);

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                await context.Invoke();
                return;
            }
            catch (Exception e) when (IsLost(e) && !Accumulates(context) && time.GetElapsedTime(start) < Patience)
            {
                log.Append($"warn: {context.InterfaceName}.{context.MethodName} was lost and is sent again: {e.Message}");
            }

            await Task.Delay(BetweenTries, time);
        }
    }

    private static bool IsLost(Exception exception) =>
        exception is SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException;

    /// <summary>Whether the same call sent twice would be done twice.</summary>
    private static bool Accumulates(IOutgoingGrainCallContext context) => context is { Grain: IFeatureGrain, MethodName: nameof(IFeatureGrain.AddNote) };
}
