using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Training;

public class TrainerTests
{
    private const int Vocabulary = 11;

    private static readonly TrainerOptions options = new()
    {
        Batch = 4, Length = 16, Seed = 7, Schedule = new CosineSchedule(0.1, Steps: 400, WarmupSteps: 4),
    };

    [Fact]
    public void LearnsTheEntropyOfAMarkovChain()
    {
        using var device = new CpuDevice(1);
        using var trainer = new Trainer(new BigramProgram(Vocabulary), device, options);
        using var data = Chain(20_000);
        var result = trainer.Fit(data, new FitOptions { Steps = 400 });
        // The chain goes on by one with 0.8 and anywhere with 0.2: entropy in nats. The surprise of a token
        // has a standard deviation of 1.5 nats, the mean over 1,024 validation tokens 0.046: three of those.
        double often = 0.8 + 0.2 / Vocabulary, seldom = 0.2 / Vocabulary;
        double entropy = -often * Math.Log(often) - (Vocabulary - 1) * seldom * Math.Log(seldom);
        Assert.InRange(result.ValidationLoss!.Value, entropy - 0.15, entropy + 0.15);
        Assert.Equal(400, result.Step);
        Assert.False(result.Stopped);
    }

    [Fact]
    public void FirstLossIsThatOfAUniformGuess()
    {
        using var device = new CpuDevice(1);
        using var trainer = new Trainer(new BigramProgram(Vocabulary), device, options);
        using var data = Chain(2_000);
        Assert.Equal(Math.Log(Vocabulary), trainer.Step(data).Loss, 0.02);
    }

    [Fact]
    public void AccumulationEqualsOneLargeBatch()
    {
        using var device = new CpuDevice(1);
        using var data = Chain(2_000, new() { EndOfDocument = 3, MaskDocumentStarts = true });
        using var large = new Trainer(new BigramProgram(Vocabulary), device, options with { Batch = 12 });
        using var small = new Trainer(new BigramProgram(Vocabulary), device, options with { Batch = 4, GradientAccumulation = 3 });
        for (int step = 0; step < 5; step++)
        {
            var (one, three) = (large.Step(data), small.Step(data));
            // The same sums in another order: a few hundred roundings of 2^-24.
            Assert.Equal(one.Loss, three.Loss, 1e-5 * one.Loss);
            Assert.Equal(one.GradientNorm, three.GradientNorm, 1e-4 * one.GradientNorm);
        }
    }

    [Fact]
    public void MicroBatchesWithoutTargetsDoNotCount()
    {
        using var device = new CpuDevice(1);
        using var trainer = new Trainer(new BigramProgram(Vocabulary), device, options with { GradientAccumulation = 2 });
        using var single = new Trainer(new BigramProgram(Vocabulary), device, options);
        var (empty, full) = (trainer.NewBatch(), trainer.NewBatch());
        empty.Integers("targets").Fill(-1);
        Assert.Contains("every target is masked", Assert.Throws<DatasetException>(() => trainer.Step(empty, empty)).Message);
        Assert.Equal(single.Step(full), trainer.Step(empty, full));
        Assert.Equal(single.Step(full), trainer.Step(full, empty));
        Assert.Equal(single.Weights["Table"].ToArray(), trainer.Weights["Table"].ToArray());
    }

    [Fact]
    public void ThreadsDoNotChangeBits()
    {
        using var data = Chain(2_000);
        float[] one = Train(1), three = Train(3);
        Assert.Equal(one, three);

        float[] Train(int threads)
        {
            using var device = new CpuDevice(threads);
            using var trainer = new Trainer(new BigramProgram(211), device, options);
            for (int step = 0; step < 5; step++)
                trainer.Step(data);
            return trainer.Weights["Table"].ToArray();
        }
    }

    [Fact]
    public void AStepAllocatesNothing()
    {
        using var device = new CpuDevice(2);
        using var data = Chain(2_000);
        using var trainer = new Trainer(new BigramProgram(Vocabulary), device, options with { GradientAccumulation = 2 });
        trainer.Step(data);
        trainer.Step(data);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 20; step++)
            trainer.Step(data);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void ClippingBoundsTheUpdateNotTheReport()
    {
        // With clipping to zero length every gradient becomes (almost) nothing against epsilon, so the weights barely move.
        using var device = new CpuDevice(1);
        using var data = Chain(2_000);
        using var trainer = new Trainer(new BigramProgram(Vocabulary), device, options with
        {
            ClipNorm = 1e-12,
            Optimizer = new(WeightDecay: 0),
        });
        float[] before = trainer.Weights["Table"].ToArray();
        var result = trainer.Step(data);
        Assert.True(result.GradientNorm > 0.01);
        // |update| <= rate * |g| / epsilon <= 0.025 * 1e-12 / 1e-8
        Assert.All(trainer.Weights["Table"].ToArray().Zip(before), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-5));
    }

    [Fact]
    public void ResumedRunHasTheSameBits()
    {
        using var folder = new TestFolder();
        using var device = new CpuDevice(2);
        using var data = Chain(2_000);
        var whole = new List<StepResult>();
        var halves = new List<StepResult>();
        using var uninterrupted = new Trainer(new BigramProgram(Vocabulary), device, options);
        for (int step = 0; step < 10; step++)
            whole.Add(uninterrupted.Step(data));
        using (var first = new Trainer(new BigramProgram(Vocabulary), device, options))
        {
            for (int step = 0; step < 5; step++)
                halves.Add(first.Step(data));
            first.Save(folder.Path);
        }
        using var second = new Trainer(new BigramProgram(Vocabulary), device, options);
        second.Resume(folder.Path);
        for (int step = 0; step < 5; step++)
            halves.Add(second.Step(data));
        Assert.Equal(whole, halves);
        using var one = new TestFolder();
        using var two = new TestFolder();
        uninterrupted.Save(one.Path);
        second.Save(two.Path);
        Assert.Equal(Tensors(one), Tensors(two));
        Assert.Equal(6, Tensors(one).Count); // two weights, each with two moments
    }

    internal static TokenDataset Chain(int count, TokenDatasetOptions? options = null)
    {
        int[] tokens = new int[count];
        for (int i = 1; i < count; i++)
        {
            var (move, where, _, _) = Philox.Block(99, 1, (ulong)i);
            tokens[i] = move % 10 < 8 ? (tokens[i - 1] + 1) % Vocabulary : (int)(where % Vocabulary);
        }
        return TokenDataset.FromTokens(tokens, options);
    }

    private static Dictionary<string, float[]> Tensors(TestFolder folder)
    {
        var tensors = new Dictionary<string, float[]>();
        foreach (string path in Directory.GetFiles(folder.Path, "*.safetensors"))
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var tensor in file.Tensors)
                tensors.Add(tensor.Name, file.ReadSingles(tensor));
        }
        return tensors;
    }
}
