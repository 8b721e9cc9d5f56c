namespace Orchestrator.Grains.Scheduling.Gangs;

/// <summary>Which of several promises is kept first: the least.</summary>
/// <param name="IsPreempting">Others were asked to make room for it.</param>
/// <param name="IsOverdue">It waited too long.</param>
/// <param name="Class">Its class.</param>
/// <param name="Since">When it got the promise.</param>
/// <param name="Experiment">Whose it is.</param>
/// <param name="Order">Its place there.</param>
internal readonly record struct Urgency(
    bool IsPreempting, bool IsOverdue, int Class, DateTimeOffset Since, string Experiment, long Order) : IComparable<Urgency>
{
    public int CompareTo(Urgency other)
    {
        if (IsPreempting != other.IsPreempting)
            return IsPreempting ? -1 : 1;

        if (IsOverdue != other.IsOverdue)
            return IsOverdue ? -1 : 1;

        var byClass = other.Class.CompareTo(Class);
        if (byClass != 0)
            return byClass;

        var bySince = Since.CompareTo(other.Since);
        if (bySince != 0)
            return bySince;

        var byExperiment = string.CompareOrdinal(Experiment, other.Experiment);
        return byExperiment != 0 ? byExperiment : Order.CompareTo(other.Order);
    }
}
