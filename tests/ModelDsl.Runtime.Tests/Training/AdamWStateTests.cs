using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Training;

public class AdamWStateTests
{
    private static readonly TrainerOptions options = new()
    {
        Batch = 2, Length = 8, ClipNorm = 0.1, Schedule = new LinearSchedule(0.05, Steps: 20, WarmupSteps: 2),
        Optimizer = new(Beta1: 0.8, Beta2: 0.9, Epsilon: 1e-6, WeightDecay: 0.5),
    };

    /// <summary>Loshchilov and Hutter (2019), algorithm 2, in double, over the gradients that the trainer shows.</summary>
    [Fact]
    public void FollowsTheAlgorithmInDouble()
    {
        using var device = new CpuDevice(1);
        using var data = TrainerTests.Chain(2000);
        using var trainer = new Trainer(new BigramProgram(11), device, options);
        var expected = trainer.Weights.Infos.ToDictionary(info => info.Name, info => Array.ConvertAll(trainer.Weights[info.Name].ToArray(), x => (double)x));
        var first = expected.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);
        var second = expected.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);
        for (int step = 1; step <= 8; step++)
        {
            var result = trainer.Step(data);
            double norm = Math.Sqrt(trainer.Weights.Infos.Sum(info => trainer.Gradients[info.Name].ToArray().Sum(g => (double)g * g)));
            Assert.Equal(norm, result.GradientNorm, 1e-6 * norm);
            Assert.True(norm > options.ClipNorm);
            foreach (var info in trainer.Weights.Infos)
            {
                var (w, m, v) = (expected[info.Name], first[info.Name], second[info.Name]);
                for (int i = 0; i < w.Length; i++)
                {
                    double g = trainer.Gradients[info.Name][i] * options.ClipNorm / norm, rate = options.Schedule.At(step - 1);
                    m[i] = 0.8 * m[i] + 0.2 * g;
                    v[i] = 0.9 * v[i] + 0.1 * g * g;
                    w[i] -= rate * (m[i] / (1 - Math.Pow(0.8, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.9, step))) + 1e-6) + (info.Decay ? 0.5 * w[i] : 0));
                }
                // Eight updates of at most the rate each, with a few roundings of 2^-24 in a dozen operations.
                Assert.All(trainer.Weights[info.Name].ToArray().Zip(w), pair => Assert.Equal(pair.Second, pair.First, 2e-6));
            }
        }
    }
}
