using System.Text.Json;

namespace Orchestrator.Simulation.Figures;

/// <summary>Figures as JSON.</summary>
internal static class FigureFile
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static void Write(SimulationFigures figures, string path) => File.WriteAllText(path, JsonSerializer.Serialize(figures, Format) + "\n");
}
