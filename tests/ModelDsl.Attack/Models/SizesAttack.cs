using ModelDsl.Attacks.Mutation;
using ModelDsl.Attacks.Running;
using ModelDsl.Inference;

namespace ModelDsl.Attacks.Models;

internal sealed record SizesPlan(string Model, ModelSizes Sizes, int Batch, int Length, int Accumulation, int Threads, int Context, int PromptChunk);

/// <summary>Sizes that make no sense, are huge, or do not fit one another: refused with an exception that says so, or trained.</summary>
internal sealed class SizesAttack : PlannedAttack<SizesPlan>
{
    // Between these and the small ones are sizes that are only large, and take the machine's memory.
    private static readonly int[] s_wrong = [0, -1, int.MinValue, int.MaxValue, int.MaxValue - 1, 1 << 30, -65536];

    public override string Name => "sizes";

    public override string Description => "sizes that are wrong, huge, or do not fit: an exception that says so, or a step";

    public override int QuickCases => 60;

    // A step of a model that is refused nothing takes little.
    public override CaseLimits Limits => new(Seconds: 10, HangSeconds: 20, WaitSeconds: 120, HeapMegabytes: 1024);

    protected override SizesPlan Plan(Random random)
    {
        int Size(int most) => random.Next(7) == 0 ? ByteMutator.Pick(s_wrong, random) : 1 + random.Next(most);
        int headWidth = Size(8), heads = 1 << random.Next(3);
        int width = random.Next(4) == 0 ? Size(40) : unchecked(headWidth * heads);
        return new(
            ByteMutator.Pick(TrainedModels.Names, random),
            new(Size(60), Size(20), width, Size(3), random.Next(4) == 0 ? Size(4) : heads, random.Next(4) == 0 ? Size(4) : heads, headWidth, Size(20), random.Next(5) == 0 ? float.NaN : 10000f, random.Next(3) == 0 ? Size(4) : 0),
            Size(3), Size(12), Size(2), random.Next(6) == 0 ? ByteMutator.Pick([-1, 0, 1, 64, int.MaxValue], random) : 1, random.Next(3) == 0 ? Size(20) : 0, Size(16));
    }

    protected override void Run(SizesPlan plan, string folder)
    {
        var model = TrainedModels.Create(plan.Model, plan.Sizes);
        using var device = Device.Cpu(plan.Threads);
        using var trainer = new Trainer(model.CreateProgram(), device, new() { Batch = plan.Batch, Length = plan.Length, GradientAccumulation = plan.Accumulation });
        using var data = TokenDataset.FromTokens(TrainedModels.Tokens(100, Math.Min(plan.Sizes.Vocabulary, 60)));
        trainer.Step(data);
        using var generator = model.CreateGenerator(trainer.Weights, new() { Context = plan.Context, PromptChunk = plan.PromptChunk });
        _ = generator.Stream([0, 0], maximumTokens: 3).Count();
    }

    public override bool IsRefusal(Exception error) =>
        base.IsRefusal(error) || Refusal.IsThrownByOurs(error, typeof(ArgumentException), typeof(NotSupportedException));
}
