using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Training;

public class ArrayTrainingTests
{
    [Fact]
    public void ALineIsFoundFromArrays()
    {
        const int Examples = 500;
        float[] x = new float[3 * Examples], y = new float[Examples];
        for (int i = 0; i < Examples; i++)
        {
            for (int k = 0; k < 3; k++)
                x[3 * i + k] = Philox.Below(2001, 1, (ulong)k, (ulong)i) / 1000f - 1;
            y[i] = 2 * x[3 * i] - 3 * x[3 * i + 1] + 0.5f * x[3 * i + 2] + 1.25f;
        }
        var data = new ArrayDataset(Examples, validationShare: 0.2).With("x", x).With("y", y);
        using var device = new CpuDevice(1);
        using var trainer = new Trainer(new LineProgram(), device, new()
        {
            Batch = 10, ClipNorm = 0, Schedule = new CosineSchedule(0.1, Steps: 600), GradientAccumulation = 2,
        });
        var result = trainer.Fit(data, new() { Steps = 600 });
        // The data have no noise, so the rate's decay to zero takes the weights to the solution.
        float[] slope = trainer.Weights["Slope"].ToArray();
        Assert.Equal([2, -3, 0.5f], slope.Select(value => MathF.Round(value, 3)));
        Assert.Equal(1.25f, trainer.Weights["Offset"][0], 1e-3f);
        Assert.InRange(result.ValidationLoss!.Value, 0, 1e-6f);
    }
}
