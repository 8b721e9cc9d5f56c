using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Shares;

/// <summary>A line and its place among those that want devices: the least one goes first.</summary>
/// <param name="Line">The line.</param>
/// <param name="Head">Its first job.</param>
/// <param name="Tier">Where its experiment stands with what it holds.</param>
/// <param name="Score">Orders those of one class and tier.</param>
internal readonly record struct RankedLine(Line Line, WaitingJob Head, ShareTier Tier, double Score) : IComparable<RankedLine>
{
    public int CompareTo(RankedLine other)
    {
        var byClass = other.Line.Class.CompareTo(Line.Class);
        if (byClass != 0)
            return byClass;

        var byTier = Tier.CompareTo(other.Tier);
        if (byTier != 0)
            return byTier;

        var byScore = Score.CompareTo(other.Score);
        if (byScore != 0)
            return byScore;

        // Nothing to choose between them: the greater weight, then who came first.
        var byWeight = other.Line.Account.Weight.CompareTo(Line.Account.Weight);
        return byWeight != 0 ? byWeight : Head.Order.CompareTo(other.Head.Order);
    }
}

/// <summary>Where an experiment stands, by what it holds now against its fair share of now.</summary>
internal enum ShareTier
{
    /// <summary>So far below that past use does not matter.</summary>
    Below,

    /// <summary>Near enough for past use to decide.</summary>
    Near,

    /// <summary>So far above that it is last, whatever it had before.</summary>
    Above,
}
