using ModelDsl.Conformance.Tests.Support;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Conformance.Tests.Emitted;

/// <summary>Whole models as compiled, on the CPU in float32, against PyTorch in float64.</summary>
public class TrainingTests
{
    /// <summary>Of the largest magnitude: sums of tens of terms, a few dozen in a row, each rounded by at most 6e-8 of itself.</summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Names => new(Reference.Names);

    [Theory, MemberData(nameof(Names))]
    public void LossAndEveryGradientAgree(string name)
    {
        var reference = Reference.Load(name);
        using var device = new CpuDevice(2);
        using var trainer = Trainer(reference, device);
        var result = trainer.Step(EmittedModels.Batch(trainer, reference));
        Near([reference.Losses[0]], [result.Loss], "loss");
        foreach (var (weight, expected) in reference.Gradients)
            Near(expected, trainer.Gradients.Infos.Where(i => EmittedModels.IsOf(i.Name, weight)).SelectMany(i => trainer.Gradients[i.Name].ToArray()).Select(g => (double)g).ToArray(), weight);
    }

    [Theory, MemberData(nameof(Names))]
    public void TenLossesAgree(string name)
    {
        var reference = Reference.Load(name);
        using var device = new CpuDevice(2);
        using var trainer = Trainer(reference, device);
        var batch = EmittedModels.Batch(trainer, reference);
        var losses = reference.Losses.Select(_ => (double)trainer.Step(batch).Loss).ToArray();
        Assert.Equal(10, losses.Length);
        Near(reference.Losses, losses, "losses");
    }

    [Theory, MemberData(nameof(Names))]
    public void TheSameBitsOnAnyNumberOfThreads(string name)
    {
        var reference = Reference.Load(name);
        Assert.Single(new[] { 1, 2, 4 }.Select(threads => Convert.ToHexString(Train(reference, threads, steps: 5))).Distinct());
    }

    [Theory, MemberData(nameof(Names))]
    public void TwoMicroBatchesAddUp(string name)
    {
        var reference = Reference.Load(name);
        if (reference.Model == "VariationalAutoencoder") return; // the two halves draw different numbers
        using var device = new CpuDevice(2);
        using var once = Trainer(reference, device);
        using var twice = Trainer(reference, device, accumulation: 2);
        once.Step(EmittedModels.Batch(once, reference));
        twice.Step(EmittedModels.Batch(twice, reference), EmittedModels.Batch(twice, reference));
        foreach (var info in once.Gradients.Infos)
            Near(once.Gradients[info.Name].ToArray().Select(g => (double)g).ToArray(), twice.Gradients[info.Name].ToArray().Select(g => (double)g).ToArray(), info.Name);
    }

    private static byte[] Train(Reference reference, int threads, int steps)
    {
        using var device = new CpuDevice(threads);
        using var trainer = Trainer(reference, device);
        var batch = EmittedModels.Batch(trainer, reference);
        for (int i = 0; i < steps; i++) trainer.Step(batch);
        return trainer.Weights.Infos.SelectMany(i => trainer.Weights[i.Name].ToArray().SelectMany(BitConverter.GetBytes)).ToArray();
    }

    private static Trainer Trainer(Reference reference, Device device, int accumulation = 1)
    {
        var trainer = new Trainer(EmittedModels.Program(reference), device, new TrainerOptions
        {
            Batch = (int)reference.Sizes["B"],
            Length = (int)reference.Sizes["T"],
            GradientAccumulation = accumulation,
            Seed = 0,
            ClipNorm = 0,
            Schedule = new ConstantSchedule(1e-2),
            Optimizer = new AdamWOptions(Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8, WeightDecay: 0.1),
            LossSpike = null,
        });
        EmittedModels.Fill(trainer.Weights, reference, reference.Elaborate().Weights);
        return trainer;
    }

    private static void Near(double[] expected, double[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double magnitude = expected.Max(Math.Abs), worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= Tolerance * magnitude, $"{what}: {worst:G3} of {magnitude:G3}");
    }
}
