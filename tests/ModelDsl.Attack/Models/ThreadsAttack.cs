using ModelDsl.Attacks.Mutation;
using ModelDsl.Attacks.Running;
using ModelDsl.Inference;

namespace ModelDsl.Attacks.Models;

/// <param name="Threads">Numbers of threads that must agree.</param>
internal sealed record ThreadsPlan(string Model, ModelSizes Sizes, int Batch, int Length, int Steps, int Accumulation, ulong Seed, int[] Threads);

/// <summary>Models of odd sizes, trained and asked for tokens on several numbers of threads: the same bits on all.</summary>
internal sealed class ThreadsAttack : PlannedAttack<ThreadsPlan>
{
    public override string Name => "threads";

    public override string Description => "models of odd sizes on several numbers of threads: the same bits";

    public override int Weight => 3;

    public override int QuickCases => 8;

    public override CaseLimits Limits => CaseLimits.Programs;

    protected override ThreadsPlan Plan(Random random)
    {
        int keyHeads = 1 + random.Next(3), group = 1 + random.Next(3), heads = keyHeads * group, headWidth = 2 * (1 + random.Next(9)), length = 1 + random.Next(40);
        var sizes = new ModelSizes(
            Vocabulary: 2 + random.Next(150), Context: length + random.Next(10), Width: heads * headWidth, Layers: 1 + random.Next(3), heads, keyHeads, headWidth,
            Hidden: 1 + random.Next(70), Theta: random.Next(2) == 0 ? 10000f : 500f, Window: random.Next(2) * random.Next(1, 9));
        return new(
            ByteMutator.Pick(TrainedModels.Names, random), sizes, Batch: 1 + random.Next(5), length, Steps: 2, Accumulation: 1 + random.Next(2), (ulong)random.Next(1000), [1, 2, 3, 5 + random.Next(4)]);
    }

    protected override void Run(ThreadsPlan plan, string folder)
    {
        byte[]? first = null;
        foreach (int threads in plan.Threads)
        {
            byte[] result = Train(plan, threads, Path.Combine(folder, "weights.safetensors"));
            first ??= result;
            if (!result.AsSpan().SequenceEqual(first))
                throw new AttackException($"{plan.Model} on {threads} threads has other bits than on {plan.Threads[0]}, first at byte {result.AsSpan().CommonPrefixLength(first)} of weights and tokens");
        }
    }

    private static byte[] Train(ThreadsPlan plan, int threads, string path)
    {
        var model = TrainedModels.Create(plan.Model, plan.Sizes);
        using var device = Device.Cpu(threads);
        using var data = TokenDataset.FromTokens(TrainedModels.Tokens(10 * (plan.Length + 1), plan.Sizes.Vocabulary), new() { ValidationShare = 0 });
        using var trainer = new Trainer(model.CreateProgram(), device, new() { Batch = plan.Batch, Length = plan.Length, Seed = plan.Seed, GradientAccumulation = plan.Accumulation });
        for (int step = 0; step < plan.Steps; step++)
            trainer.Step(data);
        trainer.Weights.Save(path);
        using var generator = model.CreateGenerator(trainer.Weights);
        int[][] tokens = generator.Generate([[0], [1, 0, 1]], Sampling.TopP(0.9f, temperature: 1f, seed: plan.Seed), maximumTokens: 8);
        return [.. File.ReadAllBytes(path), .. tokens.SelectMany(sequence => sequence).SelectMany(BitConverter.GetBytes)];
    }
}
