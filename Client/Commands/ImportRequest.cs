using System.Globalization;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Client.Commands;

/// <summary>What the user wants to bring in.</summary>
/// <param name="Folder">As it was typed.</param>
/// <param name="Model">Whose activations the dictionary is of.</param>
/// <param name="Name">What to call it; null: nothing.</param>
/// <param name="Force">Whether the name may be taken from another dictionary.</param>
/// <param name="HookPoint">Null: where its files say.</param>
/// <param name="TargetHookPoint">What a transcoder reconstructs; null: what its files say.</param>
/// <param name="Evaluation">On what it is measured.</param>
internal sealed record ImportRequest(
    string Folder, StageKey Model, string? Name, bool Force, string? HookPoint, string? TargetHookPoint, EvaluationDefinition Evaluation)
{
    /// <summary>Under which it is listed: the name, or the folder's as far as it can be one.</summary>
    public string ExperimentName
    {
        get
        {
            var text = Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));
            var plain = new string([.. text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')]);
            return $"import-{(plain.Length > 60 ? plain[..60] : plain)}";
        }
    }

    /// <summary>As it would be typed again.</summary>
    public IReadOnlyList<string> ToCommand()
    {
        var defaults = new EvaluationDefinition();
        List<string> command = ["import", Folder, "--model", Model.Value];
        Add("--as", Name);
        if (Force)
        {
            command.Add("--force");
        }

        Add("--hook-point", HookPoint);
        Add("--target-hook-point", TargetHookPoint);
        Add("--tokens", Evaluation.Tokens == defaults.Tokens ? null : Evaluation.Tokens.ToString(CultureInfo.InvariantCulture));
        Add("--ultralow-density", Evaluation.UltralowDensity == defaults.UltralowDensity ? null : Evaluation.UltralowDensity.ToString(CultureInfo.InvariantCulture));
        return command;

        void Add(string option, string? value)
        {
            if (value is not null)
            {
                command.AddRange([option, value]);
            }
        }
    }
}
