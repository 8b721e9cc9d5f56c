using Orchestrator.Client.Display;

namespace Orchestrator.Client;

/// <summary>What every command gets from the outside.</summary>
/// <param name="Screen">Where it writes.</param>
/// <param name="Time">The clock.</param>
/// <param name="ProgramFolder">The folder of this program, beside which the silo and the plugins are.</param>
public sealed record ClientContext(Screen Screen, TimeProvider Time, string ProgramFolder);
