using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Unit.Numerics.Dictionaries;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Harvest;

/// <summary>
/// A stream whose buffer lies in host memory hands out what one on the device does. The device is made up; what it takes is
/// only as late as a GPU's copies would be.
/// </summary>
public sealed class BatchPrefetchTests : IDisposable
{
    private const int Vocabulary = 23;
    private const int ContextLength = 6;
    private const int Width = 10;
    private const int BufferVectors = 60;

    private static readonly HarvestDefinition OneHook = new() { Seed = 5, BufferVectors = 64, BatchContexts = 4 };
    private static readonly HarvestDefinition TwoHooks = OneHook with { HookPoint = new(0, HookPointKind.Ln2Normalized), TargetHookPoint = new(0, HookPointKind.MlpPost) };

    private readonly Transformer _model = new(
        new TransformerDefinition { ModelDim = 8, MlpDim = Width, Heads = 2, ContextLength = ContextLength }, Vocabulary, CPU, 1);

    private readonly TokenArray _tokens = TokenArray.Markov(40 * ContextLength, Vocabulary, 2);

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(1, 59)]
    [InlineData(7, 7)] // crosses fillings: 8 batches lie in the first one, the 9th goes on into the second
    [InlineData(10, 5)]
    [InlineData(30, 1)]
    [InlineData(31, 0)]
    [InlineData(60, 0)]
    [InlineData(61, 0)]
    [InlineData(150, 0)]
    public void Next_ServesTheSameBits(int batchSize, int prefetchedOfFirstFilling)
    {
        foreach (var definition in (HarvestDefinition[])[OneHook, TwoHooks])
        {
            var transfer = new LateTransfer();
            using var plain = new ActivationStream(_model, definition, _tokens);
            using var prefetched = Hosted(transfer, definition);
            ActivationBatch? last = null;
            ActivationBatch? expected = null;
            for (var step = 0; step < (300 / batchSize) + 2; step++)
            {
                var batch = prefetched.Next(batchSize);
                Assert.Equal((step + 1L) * batchSize, prefetched.Position);
                AssertArrived(expected, last);
                (expected, last) = (plain.Next(batchSize), batch);
                if ((step + 1) * batchSize <= BufferVectors && (step + 2) * batchSize > BufferVectors)
                    Assert.Equal(prefetchedOfFirstFilling * (definition == OneHook ? 1 : 2), transfer.Prefetched);
            }

            transfer.Finish();
            AssertArrived(expected, last);
        }
    }

    [Fact]
    public void Next_OfChangingSizes_ServesTheSameBits()
    {
        using var plain = new ActivationStream(_model, OneHook, _tokens);
        var transfer = new LateTransfer();
        using var prefetched = Hosted(transfer);

        foreach (var size in (int[])[10, 10, 3, 20, 20, 1, 70, 4, 4, 8])
            Assert.Equal(Take(plain, size, null), Take(prefetched, size, transfer));
    }

    [Fact]
    public void SeekTo_WhileABatchIsPrefetched_GoesOnWithTheSameBits()
    {
        using var plain = new ActivationStream(_model, OneHook, _tokens);
        var transfer = new LateTransfer();
        using var prefetched = Hosted(transfer);

        foreach (var position in (int[])[0, 20, 20, 30, 25, 130, 0, 59, 60, 240])
        {
            plain.SeekTo(position);
            prefetched.SeekTo(position);
            for (var i = 0; i < 2; i++)
                Assert.Equal(Take(plain, 10, null), Take(prefetched, 10, transfer));
        }
    }

    [Fact]
    public void Buffered_WhileABatchIsPrefetched_IsTheSame_AndDisturbsNothing()
    {
        using var plain = new ActivationStream(_model, OneHook, _tokens);
        var transfer = new LateTransfer();
        using var prefetched = Hosted(transfer);
        for (var step = 0; step < 20; step++)
        {
            Assert.Equal(Sample(plain), Sample(prefetched));
            Assert.Equal(Take(plain, 15, null), Take(prefetched, 15, transfer));
        }
    }

    /// <summary>Exact resumption: what a checkpoint holds does not know of the batch that is under way.</summary>
    [Fact]
    public void Training_GivesTheSameCheckpointsAtEveryStep_AlsoAfterInterruptions()
    {
        const int Batch = 20;
        const int Steps = 12;
        var definition = Probe.Definition(16, Batch, Steps) with { Resampling = new() { EverySteps = 4, DeadAfterSteps = 2, Times = 2, Candidates = 30 } };
        var expected = new List<Dictionary<string, float[]>>();
        using (var dictionary = Probe.Dictionary(definition, Width))
        using (var trainer = new DictionaryTrainer(dictionary))
        using (var stream = new ActivationStream(_model, OneHook, _tokens))
            Train(trainer, stream, Steps, () => expected.Add(Probe.CheckpointTensors(trainer)));

        foreach (var interruptedAt in (int[])[Steps, 1, 2, 3, 5, 6, 10])
        {
            using var folder = new TemporaryFolder();
            var found = new List<Dictionary<string, float[]>>();
            using (var dictionary = Probe.Dictionary(definition, Width))
            using (var trainer = new DictionaryTrainer(dictionary))
            using (var stream = Hosted(new LateTransfer { BeforePrefetch = (_, stop) => stop.WaitHandle.WaitOne(1) }, immediate: true))
            {
                Train(trainer, stream, interruptedAt, () => found.Add(Probe.CheckpointTensors(trainer)));
                Assert.Equal(trainer.StepIndex * Batch, stream.Position);
                trainer.SaveCheckpoint(folder.Path);
            }

            using var resumed = DictionaryTrainer.Resume(folder.Path);
            using var resumedDictionary = resumed.Dictionary;
            using (var stream = Hosted(new LateTransfer(), immediate: true))
            {
                stream.SeekTo(resumed.StepIndex * Batch);
                Train(resumed, stream, Steps, () => found.Add(Probe.CheckpointTensors(resumed)));
            }

            Assert.Equal(Steps, found.Count);
            for (var step = 0; step < Steps; step++)
                Assert.All(expected[step], entry => Assert.Equal(entry.Value, found[step][entry.Key]));
        }
    }

    [Fact]
    public void Next_AfterAFaultInGathering_Throws_AndThenServesTheSameBits()
    {
        using var plain = new ActivationStream(_model, OneHook, _tokens);
        var transfer = new LateTransfer { BeforePrefetch = (number, _) => Fail(number, at: 2) };
        using var prefetched = Hosted(transfer);
        Assert.Equal(Take(plain, 10, null), Take(prefetched, 10, transfer));
        Assert.Equal(Take(plain, 10, null), Take(prefetched, 10, transfer));

        var exception = Assert.Throws<InvalidDataException>(() => prefetched.Next(10));

        Assert.Equal("gathering 2", exception.Message);
        Assert.Equal(20, prefetched.Position);
        for (var i = 0; i < 8; i++)
            Assert.Equal(Take(plain, 10, null), Take(prefetched, 10, transfer));
    }

    [Fact]
    public void Dispose_AfterAFaultInGathering_IsQuiet()
    {
        var stream = Hosted(new LateTransfer { BeforePrefetch = (number, _) => Fail(number, at: 1) });
        stream.Next(10).Dispose();
        stream.Dispose();
    }

    [Fact]
    public void Dispose_WhileGathering_EndsIt()
    {
        using var begun = new ManualResetEventSlim();
        var transfer = new LateTransfer
        {
            BeforePrefetch = (_, stop) =>
            {
                begun.Set();
                stop.WaitHandle.WaitOne();
            },
        };
        var stream = Hosted(transfer);
        stream.Next(10).Dispose();
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.True(transfer.IsGathering);

        stream.Dispose();

        Assert.False(transfer.IsGathering);
    }

    [Theory]
    [InlineData(0, 5)] // another size
    [InlineData(30, 10)] // another place in the same filling
    [InlineData(70, 10)] // another filling: the buffer is about to be overwritten
    public void Next_OfAnotherBatchWhileGathering_GivesItUp(int position, int size)
    {
        using var plain = new ActivationStream(_model, OneHook, _tokens);
        var transfer = new LateTransfer { BeforePrefetch = (number, stop) => _ = number == 1 && stop.WaitHandle.WaitOne() };
        using var prefetched = Hosted(transfer);
        prefetched.Next(10).Dispose();
        plain.SeekTo(position);
        prefetched.SeekTo(position);

        Assert.Equal(Take(plain, size, null), Take(prefetched, size, transfer));
        Assert.Equal(Take(plain, size, null), Take(prefetched, size, transfer));
    }

    [Fact]
    public void Next_LeavesNothingBehind()
    {
        using var stream = Hosted(new LateTransfer(), immediate: true);
        for (var i = 0; i < 3; i++) stream.Next(7).Dispose(); // both staging buffers
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 30; i++)
            stream.Next(7).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Placement_OnTheCpu_PrefetchesNothing()
    {
        Assert.Null(BufferPlacement.Of(CPU, 1L << 50).Transfer);
        Assert.Equal(DeviceType.CPU, BufferPlacement.Of(CPU, 1L << 50).Device.type);
    }

    [Fact]
    public void Placement_OnAGpu_KeepsWhatItCanHold()
    {
        var gpu = new Device(DeviceType.CUDA, 1);

        Assert.Equal(new BufferPlacement(gpu, null), BufferPlacement.Of(gpu, BufferPlacement.MostOnDevice));
        var placement = BufferPlacement.Of(gpu, BufferPlacement.MostOnDevice + 1);
        Assert.IsType<PinnedTransfer>(placement.Transfer);
        Assert.Equal(DeviceType.CPU, placement.Device.type);
    }

    private static void Fail(int number, int at)
    {
        if (number == at) throw new InvalidDataException($"gathering {number}");
    }

    private static void Train(DictionaryTrainer trainer, ActivationStream stream, long until, Action afterStep)
    {
        while (trainer.StepIndex < until)
        {
            using var batch = stream.Next(trainer.Definition.BatchSize);
            if (trainer.StepIndex == 0)
            {
                using var sample = stream.Buffered(50);
                trainer.Initialise(sample.Targets);
            }

            trainer.Step(batch.Inputs, batch.Targets);
            if (trainer.WantsResampling)
            {
                using var candidates = stream.Buffered(trainer.Definition.Resampling.Candidates);
                trainer.Resample(candidates.Inputs, candidates.Targets);
            }

            afterStep();
        }
    }

    private static void AssertArrived(ActivationBatch? expected, ActivationBatch? found)
    {
        if (expected is null || found is null) return;
        Assert.Equal(HostMemory.ToSingles(expected.Inputs), HostMemory.ToSingles(found.Inputs));
        Assert.Equal(HostMemory.ToSingles(expected.Targets), HostMemory.ToSingles(found.Targets));
        expected.Dispose();
        found.Dispose();
    }

    private static float[] Take(ActivationStream stream, int batchSize, LateTransfer? transfer)
    {
        using var batch = stream.Next(batchSize);
        transfer?.Finish();
        return HostMemory.ToSingles(batch.Inputs);
    }

    private static float[] Sample(ActivationStream stream)
    {
        using var sample = stream.Buffered(20);
        return HostMemory.ToSingles(sample.Inputs);
    }

    private ActivationStream Hosted(LateTransfer transfer, HarvestDefinition? definition = null, bool immediate = false)
    {
        transfer.IsImmediate = immediate;
        return new ActivationStream(_model, definition ?? OneHook, _tokens, _ => new BufferPlacement(CPU, transfer));
    }
}
