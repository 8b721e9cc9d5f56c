using System.Globalization;
using System.Numerics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Sweeps;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs;

/// <summary>What several keys must fulfil together. A rule whose keys are wrong by themselves is passed over.</summary>
internal sealed class SpecRules
{
    /// <summary>Dictionaries of one experiment.</summary>
    public const int MaxDictionaries = 1_000;

    private readonly SpecProblems _problems;
    private readonly SpecSection _root;
    private readonly SpecSection _model;
    private readonly SpecSection _training;
    private readonly SpecSection _harvest;
    private readonly SpecSection _evaluation;
    private readonly IReadOnlyList<DictionaryBlock> _blocks;

    private SpecRules(SpecSection root, IReadOnlyList<DictionaryBlock> blocks, SpecProblems problems)
    {
        _problems = problems;
        _root = root;
        _model = root.Get(SpecSchema.Model);
        _training = _model.Get(ModelKeys.Training);
        _harvest = root.Get(SpecSchema.Harvest);
        _evaluation = root.Get(SpecSchema.Evaluation);
        _blocks = blocks;
    }

    public static void Check(SpecSection root, IReadOnlyList<DictionaryBlock> blocks, SpecProblems problems)
    {
        var rules = new SpecRules(root, blocks, problems);
        rules.CheckModel();
        rules.CheckHookPoint(HarvestKeys.HookPoint);
        rules.CheckHookPoint(HarvestKeys.TargetHookPoint);
        rules.CheckTarget();
        rules.CheckBuffer();
        foreach (var block in blocks)
        {
            rules.CheckPresence(block);
            rules.CheckPoints(block);
            rules.CheckResampling(block.Section);
            rules.CheckSparsity(block);
            rules.CheckGroups(block.Section);
            rules.CheckRandomTwin(block);
        }

        rules.CheckCount();
        rules.CheckEvaluation();
        EarlyStopRules.Check(root.Get(SpecSchema.EarlyStop), blocks, problems);
    }

    private void CheckModel()
    {
        if (_model.TryGet(ModelKeys.ModelDim, out var width) && _model.TryGet(ModelKeys.Heads, out var heads) && width % heads != 0)
        {
            Add(_model, ModelKeys.Heads, $"{heads} heads do not divide d_model {Shown.Number(width)}", Divisors(width));
        }

        if (_model.TryGet(ModelKeys.Context, out var context) && _training.TryGet(TrainingKeys.BatchContexts, out var batch)
            && _training.TryGet(TrainingKeys.Tokens, out var tokens) && tokens < batch * context)
        {
            Add(_training, TrainingKeys.Tokens, "less than one batch", $"at least {Shown.Number(batch * context)} (batch_contexts × context)");
        }
    }

    private void CheckHookPoint(HookPointKey key)
    {
        if (_harvest.TryGet(key, out var hookPoint) && _model.TryGet(ModelKeys.Layers, out var layers) && hookPoint!.Value.Layer >= layers)
        {
            Add(_harvest, key, $"the model has no layer {Shown.Number(hookPoint.Value.Layer)}", $"layers 0 to {Shown.Number(layers - 1)} (model.layers)");
        }
    }

    /// <summary>Only transcoders have a target; others of the same spec read the same place without one.</summary>
    private void CheckTarget()
    {
        if (_blocks.Count == 0 || _blocks.Any(block => block.Architecture is null))
        {
            return;
        }

        var transcoders = _blocks.Where(IsTranscoder).ToList();
        if (!_harvest.Gives(HarvestKeys.TargetHookPoint))
        {
            foreach (var block in transcoders)
            {
                Add(block.Section, DictionaryKeys.Architecture, "a transcoder needs something to reconstruct", "transcoder, only beside harvest.target_hook_point");
            }
        }
        else if (transcoders.Count == 0)
        {
            Add(_harvest, HarvestKeys.TargetHookPoint, $"a dictionary of architecture {_blocks[0].Architecture!.Name} reconstructs what it reads", "only where dictionaries.architecture is transcoder");
        }
        else if (_harvest.TryGet(HarvestKeys.TargetHookPoint, out var target) && _harvest.TryGet(HarvestKeys.HookPoint, out var hookPoint) && target == hookPoint)
        {
            Add(_harvest, HarvestKeys.TargetHookPoint, "the hook point that is read", "another one than harvest.hook_point");
        }
    }

    /// <summary>A spec trains dictionaries, or asks about those that are there.</summary>
    private void CheckPresence(DictionaryBlock block)
    {
        var random = block.Section.Get(SweepKeys.Sweep).Get(SweepKeys.Random);
        foreach (var key in (Key[])[DictionaryKeys.FeatureCount, DictionaryKeys.Tokens])
        {
            if (block.Trains && !block.Section.Gives(key) && !random.Gives(SweepKeys.Draws.First(draw => draw.Of == key)))
            {
                _problems.Add(block.Section.Node!, $"missing key '{block.Section.PathOf(key)}'", null, key.Allowed);
            }
        }
    }

    private void CheckBuffer()
    {
        if (!_harvest.TryGet(HarvestKeys.BufferVectors, out var buffer))
        {
            return;
        }

        var batch = _blocks.SelectMany(block => block.Points).Select(point => point.TryGet(DictionaryKeys.BatchSize, out var vectors) ? (long)vectors : 0).DefaultIfEmpty().Max();
        if (buffer < batch)
        {
            Add(_harvest, HarvestKeys.BufferVectors, "smaller than a dictionary's batch", $"at least {Shown.Number(batch)} (dictionaries.batch_size)");
        }

        if (_harvest.TryGet(HarvestKeys.BatchContexts, out var contexts) && _model.TryGet(ModelKeys.Context, out var context) && buffer < contexts * context)
        {
            Add(_harvest, HarvestKeys.BufferVectors, "smaller than one forward pass", $"at least {Shown.Number(contexts * context)} (harvest.batch_contexts × model.context)");
        }
    }

    /// <summary>What one dictionary's values must fulfil together; the worst is told.</summary>
    private void CheckPoints(DictionaryBlock block)
    {
        var (tokens, batch) = Worst(block, DictionaryKeys.Tokens, DictionaryKeys.BatchSize);
        if (tokens < batch)
        {
            Add(block.Section, SourceOf(block, DictionaryKeys.Tokens), "less than one batch", $"at least {Shown.Number(batch)} (batch_size)");
        }

        var (size, k) = Worst(block, DictionaryKeys.FeatureCount, DictionaryKeys.K);
        if (size < k)
        {
            Add(block.Section, SourceOf(block, DictionaryKeys.K), $"{Shown.Number(k)} active features of {Shown.Number(size)}", $"at most {Shown.Number(size)} (the feature_count beside it)");
        }
    }

    /// <summary>The values of the point at which one key exceeds another most.</summary>
    private static (long Smaller, long Larger) Worst(DictionaryBlock block, Key smaller, Key larger) => block.Points
        .Where(point => point.Values.ContainsKey(smaller) && point.Values.ContainsKey(larger))
        .Select(point => ((long)point.Values[smaller], (long)point.Values[larger]))
        .OrderByDescending(pair => pair.Item2 - pair.Item1)
        .FirstOrDefault();

    /// <summary>Where the values of a key come from: itself, or the draws.</summary>
    private static Key SourceOf(DictionaryBlock block, Key key) => block.Section.Gives(key) || !block.Sweep!.Axes.Any(axis => axis.IsDrawn && axis.Keys.Contains(key)) ? key : SweepKeys.Sweep;

    private void CheckResampling(SpecSection section)
    {
        var resampling = section.Get(DictionaryKeys.Resampling);
        if (resampling.TryGet(ResamplingKeys.EverySteps, out var every) && every > 0
            && resampling.TryGet(ResamplingKeys.DeadAfterSteps, out var dead) && dead > every)
        {
            Add(resampling, ResamplingKeys.DeadAfterSteps, $"{Shown.Number(dead)} steps are not over when the first resampling comes", $"at most {Shown.Number(every)} (every_steps)");
        }
    }

    private void CheckRandomTwin(DictionaryBlock block)
    {
        if (!block.Section.TryGet(DictionaryKeys.RandomTwin, out var twins) || twins.Count == 0)
        {
            return;
        }

        if (_model.TryGet(ModelKeys.RandomTwin, out var hasTwin) && !hasTwin)
        {
            Add(block.Section, DictionaryKeys.RandomTwin, "the model has no twin", "only where model.random_twin is true");
        }

        var sizes = block.Points.Select(point => (long)point.Values[DictionaryKeys.FeatureCount]).Distinct().Order().ToList();
        if (sizes.Count > 0 && twins.Except(sizes).ToList() is { Count: > 0 } unknown)
        {
            Add(block.Section, DictionaryKeys.RandomTwin, $"{Shown.OneOf(unknown.Take(5).Select(Shown.Number))} not among feature_count", Shown.OneOf(sizes.Take(20).Select(Shown.Number)));
        }
    }

    private void CheckSparsity(DictionaryBlock block)
    {
        if (!IsTranscoder(block))
        {
            return;
        }

        var section = block.Section;
        if (section.Gives(DictionaryKeys.K) && section.Gives(DictionaryKeys.L1Coefficient)
            && section.GivesItself(DictionaryKeys.K) == section.GivesItself(DictionaryKeys.L1Coefficient))
        {
            Add(section, DictionaryKeys.K, "a transcoder is made sparse by k or by l1_coefficient", "one of the two");
        }

        if (section.Gives(DictionaryKeys.AuxK) && SweepReader.SparsityKey(section, block.Architecture!) != DictionaryKeys.K)
        {
            Add(section, DictionaryKeys.AuxK, "goes with k", "only beside k");
        }
    }

    private void CheckGroups(SpecSection section)
    {
        if (!section.Gives(DictionaryKeys.GroupFractions) || !section.TryGet(DictionaryKeys.GroupFractions, out var groups))
        {
            return;
        }

        if (!groups.SequenceEqual(groups.Order()) || groups[^1] != 1)
        {
            Add(section, DictionaryKeys.GroupFractions, "not ascending to 1", "ascending shares, the last one 1");
        }
    }

    private void CheckCount()
    {
        if (!_model.TryGet(ModelKeys.Seeds, out var seeds))
        {
            return;
        }

        var sweeps = _blocks.Where(block => block.Trains).Select(block => block.Sweep).OfType<Sweep>().ToList();
        var count = sweeps.Aggregate(BigInteger.Zero, (sum, sweep) => sum + sweep.Count) * seeds.Count;
        if (count > MaxDictionaries)
        {
            var parts = sweeps.Count == 1 ? sweeps[0].Text : $"({string.Join(" + ", sweeps.Take(8).Select(sweep => sweep.Text))}{(sweeps.Count > 8 ? " + …" : "")})";
            var node = _blocks.Count == 1 ? _blocks[0].Section.NodeOf(DictionaryKeys.FeatureCount)! : _root.NodeOf(SpecSchema.Dictionaries)!;
            _problems.Add(node, $"dictionaries: {seeds.Count} {(seeds.Count == 1 ? "seed" : "seeds")} × {parts} are {count.ToString("N0", CultureInfo.InvariantCulture)} dictionaries",
                null, $"at most {Shown.Number(MaxDictionaries)}");
        }
    }

    private static bool IsTranscoder(DictionaryBlock block) => block.Architecture?.Name == DictionaryArchitecture.Transcoder;

    /// <summary>A threshold below one firing counts nothing, ever, and would pass for "no such features".</summary>
    private void CheckEvaluation()
    {
        if (_evaluation.TryGet(EvaluationKeys.Tokens, out var tokens) && _evaluation.TryGet(EvaluationKeys.UltralowDensity, out var density)
            && density * tokens <= 1)
        {
            var key = _evaluation.Gives(EvaluationKeys.UltralowDensity) ? (Key)EvaluationKeys.UltralowDensity : EvaluationKeys.Tokens;
            Add(_evaluation, key, "", "ultralow_density × tokens above 1", $"evaluation: on {Shown.Number(tokens)} tokens no density below {Shown.Number(density ?? 0)} but 0 can be seen");
        }
    }

    /// <param name="message">What follows the key's path.</param>
    /// <param name="whole">The message, where it does not begin with that path.</param>
    private void Add(SpecSection section, Key key, string message, string allowed, string? whole = null)
    {
        var node = section.NodeOf(key) ?? _blocks.FirstOrDefault()?.Section.NodeOf(key) ?? _model.NodeOf(key) ?? _root.Node!;
        _problems.Add(node, whole ?? $"{section.PathOf(key)}: {message}", section.Gives(key) ? node.Found : null, allowed);
    }

    private static string Divisors(long number) =>
        Shown.OneOf(Enumerable.Range(1, 256).Where(divisor => number % divisor == 0).Select(divisor => Shown.Number((long)divisor)));
}
