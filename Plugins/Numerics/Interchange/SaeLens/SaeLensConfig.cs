namespace Orchestrator.Numerics.Interchange.SaeLens;

/// <summary>What a <c>cfg.json</c> of SAELens says, of whatever version.</summary>
internal sealed record SaeLensConfig
{
    private const string Relu = "relu";

    public required string Architecture { get; init; }

    public required int InputDim { get; init; }

    public required int FeatureCount { get; init; }

    public required int OutputDim { get; init; }

    /// <summary>Whether b_dec is subtracted from the input.</summary>
    public required bool HasPreBias { get; init; }

    /// <summary>Whether inputs were scaled to a mean norm of √D while it trained, by a factor that lies beside it.</summary>
    public required bool IsScaled { get; init; }

    /// <summary>Of <c>topk</c>.</summary>
    public int? K { get; init; }

    /// <summary>Of <c>topk</c>: ranks pre-activations times the norms of the decoder's rows.</summary>
    public bool RescalesByNorms { get; init; }

    public string? HookName { get; init; }

    public string? TargetHookName { get; init; }

    /// <summary>What people may want to know of it.</summary>
    public required string Remarks { get; init; }

    /// <exception cref="InvalidDataException">A value is missing or of another kind, or asks for what cannot be held here.</exception>
    public static SaeLensConfig Read(string path)
    {
        var config = ForeignConfig.Read(path);
        var version = config.Text("sae_lens_version") ?? config.Section("metadata")?.Text("sae_lens_version");
        return IsLegacy(config, version) ? ReadLegacy(config, version) : ReadCurrent(config, version!);
    }

    private static SaeLensConfig ReadCurrent(ForeignConfig config, string version)
    {
        var metadata = config.Section("metadata");
        var architecture = RequireKnown(config, config.RequireText("architecture"));
        return Read(config, architecture) with
        {
            K = architecture == SaeLensNames.TopK ? config.RequireCount("k") : null,
            HookName = metadata?.Text("hook_name"),
            TargetHookName = metadata?.Text("hook_name_out"),
            Remarks = Describe(version, metadata),
        };
    }

    /// <summary>Before version 6 everything stood side by side, some of it under other names.</summary>
    private static SaeLensConfig ReadLegacy(ForeignConfig config, string? version)
    {
        var architecture = config.Text("architecture") ?? SaeLensNames.Standard;
        var activation = config.Text("activation_fn") ?? config.Text("activation_fn_str") ?? Relu;
        var key = config.Has("activation_fn") ? "activation_fn" : "activation_fn_str";
        if (activation is not (Relu or SaeLensNames.TopK)) throw config.Refused(key, $"is '{activation}'; read are '{Relu}' and '{SaeLensNames.TopK}'");
        if (activation == SaeLensNames.TopK)
        {
            if (architecture is not (SaeLensNames.Standard or SaeLensNames.TopK)) throw config.Refused(key, $"is '{activation}' beside the architecture '{architecture}'; they are not read together");
            architecture = SaeLensNames.TopK;
        }

        RequireKnown(config, architecture);
        var hookName = config.Text("hook_name") ?? config.Text("hook_point");
        if (!config.Has("reshape_activations") && hookName?.Contains("hook_z", StringComparison.Ordinal) is true) throw Reshaped(config, hookName);
        return Read(config, architecture) with
        {
            K = architecture == SaeLensNames.TopK ? config.Section("activation_fn_kwargs")?.Count("k") ?? config.RequireCount("k") : null,
            HookName = hookName,
            TargetHookName = config.Text("hook_name_out"),
            Remarks = Describe(version ?? "before 6", config),
        };
    }

    private static SaeLensConfig Read(ForeignConfig config, string architecture)
    {
        var reshape = config.Text("reshape_activations") ?? "none";
        if (reshape != "none") throw Reshaped(config, reshape);
        foreach (var section in new[] { config, config.Section("metadata") }.OfType<ForeignConfig>())
            foreach (var key in new[] { "hook_head_index", "hook_point_head_index", "hook_head_index_out" }.Where(section.Has))
                throw section.Refused(key, "names one attention head; activations of single heads are not harvested here");
        var input = config.RequireCount("d_in");
        var hasTarget = SaeLensNames.HasTarget(architecture);
        return new SaeLensConfig
        {
            Architecture = architecture,
            InputDim = input,
            FeatureCount = config.RequireCount("d_sae"),
            OutputDim = hasTarget ? config.RequireCount("d_out") : input,
            HasPreBias = !hasTarget && (config.Flag("apply_b_dec_to_input") ?? true),
            IsScaled = IsScaledBy(config, hasTarget),
            RescalesByNorms = architecture == SaeLensNames.TopK && (config.Flag("rescale_acts_by_decoder_norm") ?? false),
            Remarks = "",
        };
    }

    private static bool IsScaledBy(ForeignConfig config, bool hasTarget)
    {
        const string key = "normalize_activations";
        // Before there were several kinds it was true or false.
        var kind = config.IsFlag(key) ? (config.Flag(key) is true ? "expected_average_only_in" : "none") : config.Text(key) ?? "none";
        return kind switch
        {
            "none" => false,
            "expected_average_only_in" when hasTarget => throw config.Refused(key, $"is '{kind}'; of a transcoder only 'none' is read: how its output is scaled is not said"),
            "expected_average_only_in" => true,
            "layer_norm" or "constant_norm_rescale" => throw config.Refused(key, $"is '{kind}': each activation is normalised by itself before it is encoded, which no dictionary does here"),
            _ => throw config.Refused(key, $"is '{kind}'; known are none, expected_average_only_in, layer_norm and constant_norm_rescale"),
        };
    }

    private static string RequireKnown(ForeignConfig config, string architecture) => architecture switch
    {
        SaeLensNames.BatchTopK or SaeLensNames.Matryoshka => throw config.Refused("architecture", $"is '{architecture}', of a training checkpoint; SAELens saves it for inference as '{SaeLensNames.JumpRelu}', which is read"),
        _ when SaeLensNames.Readable.Contains(architecture) => architecture,
        _ => throw config.Refused("architecture", $"is '{architecture}'; read are {string.Join(", ", SaeLensNames.Readable)}"),
    };

    private static InvalidDataException Reshaped(ForeignConfig config, string found) =>
        config.Refused(config.Has("reshape_activations") ? "reshape_activations" : "hook_name", $"is '{found}': outputs of single attention heads, joined; they are not harvested here");

    private static bool IsLegacy(ForeignConfig config, string? version)
    {
        if (version is null) return true;
        var major = version.Split('.', 2)[0];
        return int.TryParse(major, out var number) ? number < 6 : throw config.Refused("sae_lens_version", $"is '{version}', which is no version");
    }

    private static string Describe(string version, ForeignConfig? metadata)
    {
        var parts = new[]
        {
            $"sae_lens {version}",
            metadata?.Text("model_name") is { } model ? $"model {model}" : null,
            (metadata?.Text("hook_name") ?? metadata?.Text("hook_point")) is { } hook ? $"at {hook}" : null,
            metadata?.Text("training_architecture") is { } trained ? $"trained as {trained}" : null,
        };
        return string.Join(", ", parts.OfType<string>());
    }
}
