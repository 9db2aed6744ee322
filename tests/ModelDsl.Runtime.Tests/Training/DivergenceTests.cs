using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Training;

public sealed class DivergenceTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly CpuDevice _device = new(1);
    private readonly TokenDataset _data = TrainerTests.Chain(2000);
    private readonly BigramProgram _program = new(11);
    private readonly TrainerOptions _options = new() { Batch = 2, Length = 8, Schedule = new ConstantSchedule(0.01) };

    public void Dispose()
    {
        _data.Dispose();
        _device.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void ALossThatIsNoNumberStopsBeforeTheUpdate(float loss)
    {
        using var trainer = new Trainer(_program, _device, _options);
        trainer.Step(_data);
        float[] before = trainer.Weights["Table"].ToArray();
        _program.PretendLoss = loss;
        var error = Assert.Throws<TrainingDivergedException>(() => trainer.Step(_data));
        Assert.Contains("diverged at step 2: the loss is", error.Message);
        Assert.Contains("learning rate 0.01)", error.Message);
        Assert.Contains("Try a learning rate of 0.0033 or less", error.Message);
        Assert.Equal((2, loss), (error.Result.Step, error.Result.Loss));
        Assert.Equal(before, trainer.Weights["Table"].ToArray());
        Assert.Equal(1, trainer.CompletedSteps);
    }

    [Fact]
    public void AGradientThatIsNoNumberStopsBeforeTheUpdate()
    {
        using var trainer = new Trainer(_program, _device, _options);
        _program.PretendGradient = float.NaN;
        Assert.Contains("the gradient norm is NaN", Assert.Throws<TrainingDivergedException>(() => trainer.Step(_data)).Message);
    }

    [Fact]
    public void AHugeLearningRateIsFoundOut()
    {
        using var trainer = new Trainer(_program, _device, _options with { Schedule = new ConstantSchedule(1000), Optimizer = new(WeightDecay: 0) });
        var error = Assert.Throws<TrainingDivergedException>(() => trainer.Fit(_data, new() { Steps = 100 }));
        Assert.InRange(error.Result.Step, 2, 20);
    }

    [Fact]
    public void TheLastGoodCheckpointStays()
    {
        using var trainer = new Trainer(_program, _device, _options);
        trainer.Fit(_data, new() { Steps = 20, Folder = _folder.Path });
        _program.PretendLoss = 50;
        Assert.Throws<TrainingDivergedException>(() => trainer.Fit(_data, new() { Steps = 60, Folder = _folder.Path, SaveEvery = 1 }));
        using var resumed = new Trainer(new BigramProgram(11), _device, _options);
        resumed.Resume(_folder.Path);
        Assert.Equal(20, resumed.CompletedSteps);
    }

    [Fact]
    public void ASpikeThatHealsAndNoiseAreLeftAlone()
    {
        var detector = new DivergenceDetector(new());
        var random = new Random(3);
        for (int step = 0; step < 3000; step++)
        {
            double level = 4 * Math.Exp(-step / 500.0) + 0.01, noise = level * 0.1 * (random.NextDouble() - 0.5);
            bool spike = step % 100 < 9 && step > 100;
            Assert.Null(detector.Observe((float)(level + noise + (spike ? 5 : 0))));
        }
    }

    [Fact]
    public void TroubleNearZeroIsNoDivergence()
    {
        var detector = new DivergenceDetector(new());
        Assert.Null(detector.Observe(2.3f));
        for (int step = 0; step < 1000; step++)
            Assert.Null(detector.Observe(step % 200 < 100 ? 1e-5f : 1e-2f));
    }

    [Fact]
    public void TenHighLossesInARowAreADivergence()
    {
        var detector = new DivergenceDetector(new());
        for (int step = 0; step < 50; step++)
            Assert.Null(detector.Observe(2 + 0.1f * (step % 2)));
        for (int step = 0; step < 9; step++)
            Assert.Null(detector.Observe(4));
        Assert.Contains("for 10 steps", detector.Observe(4));
    }
}
