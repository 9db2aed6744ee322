using System.Diagnostics;
using ModelDsl.Attacks.Running;
using ModelDsl.Inference;

namespace ModelDsl.Attacks.Models;

/// <param name="Cycles">Objects made and disposed.</param>
/// <param name="Twice">Whether they are disposed twice.</param>
/// <param name="Forget">Whether trainers and generators are left to the finaliser.</param>
internal sealed record CyclesPlan(int Cycles, int Threads, bool Twice, bool Forget);

/// <summary>Devices, trainers, generators, predictors and data made and disposed many times: memory, threads and handles go back.</summary>
internal sealed class CyclesAttack : PlannedAttack<CyclesPlan>
{
    private const int Vocabulary = 2000;

    public override string Name => "cycles";

    public override string Description => "objects made and disposed, also twice and never: memory, threads and file handles come back";

    public override int QuickCases => 3;

    public override CaseLimits Limits => CaseLimits.Programs;

    public override string? Missing() => OperatingSystem.IsLinux() ? null : "needs Linux, for /proc";

    protected override CyclesPlan Plan(Random random) => new(20 + random.Next(40), 1 + random.Next(4), random.Next(2) == 0, random.Next(3) == 0);

    protected override void Run(CyclesPlan plan, string folder)
    {
        string saved = Path.Combine(folder, "saved");
        for (int i = 0; i < 5; i++)
            Cycle(plan, saved);
        var before = Usage();
        for (int i = 0; i < plan.Cycles; i++)
            Cycle(plan, saved);
        var after = Usage();
        if (after.Threads > before.Threads + 1) // the runtime's own come and go
            throw new AttackException($"threads stay: {before.Threads} before {plan.Cycles} cycles, {after.Threads} after");
        if (after.Handles > before.Handles + 1)
            throw new AttackException($"file handles stay: {before.Handles} before {plan.Cycles} cycles, {after.Handles} after");
        // A cycle takes 5 MB of native memory.
        if (after.Megabytes > before.Megabytes + 48)
            throw new AttackException(FormattableString.Invariant($"memory stays: {before.Megabytes:0} MB before {plan.Cycles} cycles, {after.Megabytes:0} MB after"));
    }

    private static void Cycle(CyclesPlan plan, string saved)
    {
        var model = TrainedModels.Small(Vocabulary);
        var device = Device.Cpu(plan.Threads);
        var data = TokenDataset.FromTokens(TrainedModels.Tokens(200, Vocabulary));
        var trainer = new Trainer(model.CreateProgram(), device, new() { Batch = 2, Length = 8 });
        trainer.Step(data);
        trainer.Save(saved);
        trainer.Resume(saved);
        var generator = model.CreateGenerator(trainer.Weights);
        _ = generator.Stream([1, 2, 3], maximumTokens: 3).Count();
        var loaded = model.CreateGenerator(saved, device);
        _ = loaded.Stream([1], maximumTokens: 2).Count();
        var predictor = model.CreatePredictor(trainer.Weights);
        predictor.Run(predictor.NewBatch(1, 4));
        IDisposable[] objects = plan.Forget ? [data, device] : [predictor, loaded, generator, trainer, data, device];
        for (int times = plan.Twice ? 2 : 1; times > 0; times--)
            foreach (var item in objects)
                item.Dispose();
    }

    private static (double Megabytes, int Threads, int Handles) Usage()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        using var process = Process.GetCurrentProcess();
        return (process.WorkingSet64 / 1e6, process.Threads.Count, Directory.GetFiles("/proc/self/fd").Length);
    }
}
