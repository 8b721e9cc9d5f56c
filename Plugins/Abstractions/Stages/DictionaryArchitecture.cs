namespace Orchestrator.Abstractions.Stages;

/// <summary>The kinds of dictionary, and which options of <see cref="DictionaryDefinition"/> each of them has.</summary>
/// <param name="Name">As in specs and artefacts.</param>
/// <param name="Summary">One sentence for people, with its source.</param>
/// <param name="Options">The options that it has beside those that all have.</param>
public sealed record DictionaryArchitecture(string Name, string Summary, ArchitectureOptions Options)
{
    public const string Standard = "standard";
    public const string TopK = "top-k";
    public const string BatchTopK = "batch-top-k";
    public const string JumpRelu = "jump-relu";
    public const string Gated = "gated";
    public const string Matryoshka = "matryoshka";
    public const string Transcoder = "transcoder";

    /// <summary>Every architecture, the paper's first.</summary>
    public static IReadOnlyList<DictionaryArchitecture> All { get; } =
    [
        new(Standard, "ReLU with an L1 penalty: the paper's (Bricken et al. 2023)", ArchitectureOptions.L1Coefficient),
        new(TopK, "the k largest activations of each token (Gao et al. 2024)", ArchitectureOptions.K | ArchitectureOptions.AuxK),
        new(BatchTopK, "the k · batch largest activations of a batch, a threshold at inference (Bussmann et al. 2024)", ArchitectureOptions.K | ArchitectureOptions.AuxK),
        new(JumpRelu, "a learned threshold for each feature and an L0 penalty (Rajamanoharan et al. 2024b)", ArchitectureOptions.L0Coefficient),
        new(Gated, "which features are active is decided apart from how strongly (Rajamanoharan et al. 2024a)", ArchitectureOptions.L1Coefficient),
        new(Matryoshka, "batch-top-k whose leading groups of features each reconstruct alone (Bussmann et al. 2025)", ArchitectureOptions.K | ArchitectureOptions.AuxK | ArchitectureOptions.Groups),
        new(Transcoder, "reconstructs another hook point than it reads; ReLU with L1, or top-k where k is given (Dunefsky et al. 2024)", ArchitectureOptions.L1Coefficient | ArchitectureOptions.K | ArchitectureOptions.AuxK | ArchitectureOptions.Skip | ArchitectureOptions.Thresholds),
    ];

    /// <summary>The architecture of that name; null where there is none.</summary>
    public static DictionaryArchitecture? Find(string name) => All.FirstOrDefault(architecture => architecture.Name == name);

    public bool Has(ArchitectureOptions option) => (Options & option) == option;
}

/// <summary>Options of a dictionary that only some architectures have.</summary>
[Flags]
public enum ArchitectureOptions
{
    None = 0,

    /// <summary><see cref="DictionaryDefinition.L1Coefficient"/>.</summary>
    L1Coefficient = 1,

    /// <summary><see cref="DictionaryDefinition.L0Coefficient"/> and <see cref="DictionaryDefinition.Bandwidth"/>.</summary>
    L0Coefficient = 2,

    /// <summary><see cref="DictionaryDefinition.K"/>.</summary>
    K = 4,

    /// <summary><see cref="DictionaryDefinition.AuxK"/>.</summary>
    AuxK = 8,

    /// <summary><see cref="DictionaryDefinition.GroupFractions"/>.</summary>
    Groups = 16,

    /// <summary><see cref="DictionaryDefinition.Skip"/>.</summary>
    Skip = 32,

    /// <summary><see cref="DictionaryDefinition.HasThresholds"/>.</summary>
    Thresholds = 64,
}
