using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs;

/// <summary>What several keys must fulfil together. A rule whose keys are wrong by themselves is passed over.</summary>
internal sealed class SpecRules
{
    /// <summary>Dictionaries of one experiment.</summary>
    public const int MaxDictionaries = 1_000;

    private readonly SpecProblems _problems;
    private readonly SpecSection _model;
    private readonly SpecSection _training;
    private readonly SpecSection _harvest;
    private readonly SpecSection _dictionaries;
    private readonly SpecSection _evaluation;

    private SpecRules(SpecSection root, SpecProblems problems)
    {
        _problems = problems;
        _model = root.Get(SpecSchema.Model);
        _training = _model.Get(ModelKeys.Training);
        _harvest = root.Get(SpecSchema.Harvest);
        _dictionaries = root.Get(SpecSchema.Dictionaries);
        _evaluation = root.Get(SpecSchema.Evaluation);
    }

    public static void Check(SpecSection root, SpecProblems problems)
    {
        var rules = new SpecRules(root, problems);
        rules.CheckModel();
        rules.CheckPresence();
        rules.CheckHookPoint(HarvestKeys.HookPoint);
        rules.CheckHookPoint(HarvestKeys.TargetHookPoint);
        rules.CheckTarget();
        rules.CheckBuffer();
        rules.CheckTokens();
        rules.CheckResampling();
        rules.CheckSparsity();
        rules.CheckGroups();
        rules.CheckRandomTwin();
        rules.CheckCount();
        rules.CheckEvaluation();
    }

    private void CheckModel()
    {
        if (_model.TryGet(ModelKeys.ModelDim, out var width) && _model.TryGet(ModelKeys.Heads, out var heads) && width % heads != 0)
        {
            Add(_model, ModelKeys.Heads, $"model.heads: {heads} heads do not divide d_model {Shown.Number(width)}", Divisors(width));
        }

        if (_model.TryGet(ModelKeys.Context, out var context) && _training.TryGet(TrainingKeys.BatchContexts, out var batch)
            && _training.TryGet(TrainingKeys.Tokens, out var tokens) && tokens < batch * context)
        {
            Add(_training, TrainingKeys.Tokens, "model.training.tokens: less than one batch", $"at least {Shown.Number(batch * context)} (batch_contexts × context)");
        }
    }

    private void CheckHookPoint(HookPointKey key)
    {
        if (_harvest.TryGet(key, out var hookPoint) && _model.TryGet(ModelKeys.Layers, out var layers) && hookPoint!.Value.Layer >= layers)
        {
            Add(_harvest, key, $"harvest.{key.Name}: the model has no layer {Shown.Number(hookPoint.Value.Layer)}", $"layers 0 to {Shown.Number(layers - 1)} (model.layers)");
        }
    }

    private void CheckTarget()
    {
        if (!_dictionaries.TryGet(DictionaryKeys.Architecture, out var architecture))
        {
            return;
        }

        var isTranscoder = architecture == DictionaryArchitecture.Transcoder;
        if (isTranscoder && !_harvest.Gives(HarvestKeys.TargetHookPoint))
        {
            Add(_dictionaries, DictionaryKeys.Architecture, "dictionaries.architecture: a transcoder needs something to reconstruct", "transcoder, only beside harvest.target_hook_point");
        }
        else if (!isTranscoder && _harvest.Gives(HarvestKeys.TargetHookPoint))
        {
            Add(_harvest, HarvestKeys.TargetHookPoint, $"harvest.target_hook_point: a dictionary of architecture {architecture} reconstructs what it reads", "only where dictionaries.architecture is transcoder");
        }
        else if (_harvest.TryGet(HarvestKeys.TargetHookPoint, out var target) && _harvest.TryGet(HarvestKeys.HookPoint, out var hookPoint) && target == hookPoint)
        {
            Add(_harvest, HarvestKeys.TargetHookPoint, "harvest.target_hook_point: the hook point that is read", "another one than harvest.hook_point");
        }
    }

    /// <summary>A spec trains dictionaries, or asks about those that are there.</summary>
    private void CheckPresence()
    {
        if (_dictionaries == SpecSection.Empty)
        {
            return;
        }

        var trains = _dictionaries.Gives(DictionaryKeys.FeatureCount) || !_dictionaries.Gives(DictionaryKeys.Imported);
        foreach (var key in (Key[])[DictionaryKeys.FeatureCount, DictionaryKeys.Tokens])
        {
            if (trains && !_dictionaries.Gives(key))
            {
                _problems.Add(_dictionaries.NodeOf(key)!, $"missing key 'dictionaries.{key.Name}'", null, key.Allowed);
            }
        }
    }

    private void CheckBuffer()
    {
        if (!_harvest.TryGet(HarvestKeys.BufferVectors, out var buffer))
        {
            return;
        }

        if (_dictionaries.TryGet(DictionaryKeys.BatchSize, out var batch) && buffer < batch)
        {
            Add(_harvest, HarvestKeys.BufferVectors, "harvest.buffer_vectors: smaller than a dictionary's batch", $"at least {Shown.Number(batch)} (dictionaries.batch_size)");
        }

        if (_harvest.TryGet(HarvestKeys.BatchContexts, out var contexts) && _model.TryGet(ModelKeys.Context, out var context) && buffer < contexts * context)
        {
            Add(_harvest, HarvestKeys.BufferVectors, "harvest.buffer_vectors: smaller than one forward pass", $"at least {Shown.Number(contexts * context)} (harvest.batch_contexts × model.context)");
        }
    }

    private void CheckTokens()
    {
        if (_dictionaries.TryGet(DictionaryKeys.Tokens, out var tokens) && _dictionaries.TryGet(DictionaryKeys.BatchSize, out var batch) && tokens < batch)
        {
            Add(_dictionaries, DictionaryKeys.Tokens, "dictionaries.tokens: less than one batch", $"at least {Shown.Number(batch)} (batch_size)");
        }
    }

    private void CheckResampling()
    {
        var resampling = _dictionaries.Get(DictionaryKeys.Resampling);
        if (resampling.TryGet(ResamplingKeys.EverySteps, out var every) && every > 0
            && resampling.TryGet(ResamplingKeys.DeadAfterSteps, out var dead) && dead > every)
        {
            Add(resampling, ResamplingKeys.DeadAfterSteps, $"dictionaries.resampling.dead_after_steps: {Shown.Number(dead)} steps are not over when the first resampling comes", $"at most {Shown.Number(every)} (every_steps)");
        }
    }

    private void CheckRandomTwin()
    {
        if (!_dictionaries.TryGet(DictionaryKeys.RandomTwin, out var twins) || twins.Count == 0)
        {
            return;
        }

        if (_model.TryGet(ModelKeys.RandomTwin, out var hasTwin) && !hasTwin)
        {
            Add(_dictionaries, DictionaryKeys.RandomTwin, "dictionaries.random_twin: the model has no twin", "only where model.random_twin is true");
        }

        if (_dictionaries.TryGet(DictionaryKeys.FeatureCount, out var sizes) && twins.Except(sizes).ToList() is { Count: > 0 } unknown)
        {
            Add(_dictionaries, DictionaryKeys.RandomTwin, $"dictionaries.random_twin: {Shown.OneOf(unknown.Take(5).Select(Shown.Number))} not among feature_count", Shown.OneOf(sizes.Distinct().Take(20).Select(Shown.Number)));
        }
    }

    private void CheckSparsity()
    {
        if (_dictionaries.Gives(DictionaryKeys.K) && _dictionaries.Gives(DictionaryKeys.L1Coefficient)
            && _dictionaries.TryGet(DictionaryKeys.Architecture, out var architecture) && architecture == DictionaryArchitecture.Transcoder)
        {
            Add(_dictionaries, DictionaryKeys.K, "dictionaries.k: a transcoder is made sparse by k or by l1_coefficient", "one of the two");
        }

        if (_dictionaries.Gives(DictionaryKeys.AuxK) && !_dictionaries.Gives(DictionaryKeys.K)
            && _dictionaries.TryGet(DictionaryKeys.Architecture, out var name) && name == DictionaryArchitecture.Transcoder)
        {
            Add(_dictionaries, DictionaryKeys.AuxK, "dictionaries.aux_k: goes with k", "only beside k");
        }

        if (_dictionaries.TryGet(DictionaryKeys.K, out var k) && _dictionaries.TryGet(DictionaryKeys.FeatureCount, out var sizes) && k.Max() > sizes.Min())
        {
            Add(_dictionaries, DictionaryKeys.K, $"dictionaries.k: {Shown.Number(k.Max())} active features of {Shown.Number(sizes.Min())}", $"at most {Shown.Number(sizes.Min())} (the smallest feature_count)");
        }
    }

    private void CheckGroups()
    {
        if (!_dictionaries.Gives(DictionaryKeys.GroupFractions) || !_dictionaries.TryGet(DictionaryKeys.GroupFractions, out var groups))
        {
            return;
        }

        if (!groups.SequenceEqual(groups.Order()) || groups[^1] != 1)
        {
            Add(_dictionaries, DictionaryKeys.GroupFractions, "dictionaries.group_fractions: not ascending to 1", "ascending shares, the last one 1");
        }
    }

    private void CheckCount()
    {
        if (!_model.TryGet(ModelKeys.Seeds, out var seeds) || !_dictionaries.TryGet(DictionaryKeys.FeatureCount, out var sizes)
            || !_dictionaries.TryGet(DictionaryKeys.Architecture, out var name)
            || SparsityKeys(DictionaryArchitecture.Find(name)!).Any(key => _dictionaries.Gives(key) && _dictionaries.ValueOf(key) is null))
        {
            return;
        }

        var (parameter, sparsities) = SpecAssembly.Sparsities(_dictionaries, DictionaryArchitecture.Find(name)!);
        var count = (long)seeds.Count * sizes.Count * sparsities.Count;
        if (count > MaxDictionaries)
        {
            Add(_dictionaries, DictionaryKeys.FeatureCount, $"dictionaries: {seeds.Count} seeds × {sizes.Count} feature counts × {sparsities.Count} values of {KeyOf(parameter).Name} are {Shown.Number(count)} dictionaries",
                $"at most {Shown.Number(MaxDictionaries)}");
        }
    }

    private static IEnumerable<Key> SparsityKeys(DictionaryArchitecture architecture) =>
        Enum.GetValues<SparsityParameter>().Select(KeyOf).Where(key => key.OnlyFor!.Contains(architecture.Name));

    private static Key KeyOf(SparsityParameter parameter) => parameter switch
    {
        SparsityParameter.K => DictionaryKeys.K,
        SparsityParameter.L0Coefficient => DictionaryKeys.L0Coefficient,
        _ => DictionaryKeys.L1Coefficient,
    };

    /// <summary>A threshold below one firing counts nothing, ever, and would pass for "no such features".</summary>
    private void CheckEvaluation()
    {
        if (_evaluation.TryGet(EvaluationKeys.Tokens, out var tokens) && _evaluation.TryGet(EvaluationKeys.UltralowDensity, out var density)
            && density * tokens <= 1)
        {
            var key = _evaluation.Gives(EvaluationKeys.UltralowDensity) ? (Key)EvaluationKeys.UltralowDensity : EvaluationKeys.Tokens;
            Add(_evaluation, key, $"evaluation: on {Shown.Number(tokens)} tokens no density below {Shown.Number(density ?? 0)} but 0 can be seen", "ultralow_density × tokens above 1");
        }
    }

    private void Add(SpecSection section, Key key, string message, string allowed)
    {
        var node = section.NodeOf(key) ?? _dictionaries.NodeOf(key) ?? _model.NodeOf(key);
        _problems.Add(node?.Line ?? 1, node?.Column ?? 1, message, section.Gives(key) ? node!.Found : null, allowed);
    }

    private static string Divisors(long number) =>
        Shown.OneOf(Enumerable.Range(1, 256).Where(divisor => number % divisor == 0).Select(divisor => Shown.Number((long)divisor)));
}
