using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Client.Display;

/// <summary>Shows how a running experiment gets on.</summary>
public interface IProgressDisplay : IDisposable
{
    /// <summary>Shows the latest state; called a few times a second.</summary>
    void Show(ExperimentStatus status);

    /// <summary>Something happened that is no stage's progress.</summary>
    void Notice(string text);
}
