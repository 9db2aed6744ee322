using ModelDsl.Attacks.Mutation;
using ModelDsl.Attacks.Running;
using ModelDsl.Inference;

namespace ModelDsl.Attacks.Models;

/// <param name="Calls">What each thread does, in order.</param>
internal sealed record MisusePlan(string[][] Calls);

/// <summary>
/// One trainer, generator and predictor used by several threads at once, after they were disposed, and disposed again: each
/// call works or throws an exception that says so, and the process lives.
/// </summary>
internal sealed class MisuseAttack : PlannedAttack<MisusePlan>
{
    private const int Vocabulary = 50;
    private static readonly string[] s_calls =
        ["step", "step", "evaluate", "save", "resume", "stream", "stream", "stream more", "generate", "score", "predict", "weights", "dispose generator", "dispose trainer", "dispose predictor", "dispose data", "dispose device", "collect"];

    public override string Name => "misuse";

    public override string Description => "objects used by several threads, after Dispose, and disposed again";

    public override int Weight => 2;

    public override int QuickCases => 60;

    public override CaseLimits Limits => new(Seconds: 20, HangSeconds: 20, WaitSeconds: 20, HeapMegabytes: 1024);

    protected override MisusePlan Plan(Random random)
    {
        // Without the last ones, most cases would soon have nothing left to use.
        int kinds = random.Next(3) == 0 ? s_calls.Length : s_calls.Length - 6;
        return new([.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Enumerable.Range(0, 2 + random.Next(12)).Select(_ => s_calls[random.Next(kinds)]).ToArray())]);
    }

    protected override void Run(MisusePlan plan, string folder)
    {
        var model = TrainedModels.Small(Vocabulary);
        using var device = Device.Cpu(2);
        using var data = TokenDataset.FromTokens(TrainedModels.Tokens(200, Vocabulary));
        using var trainer = new Trainer(model.CreateProgram(), device, new() { Batch = 2, Length = 8 });
        using var generator = model.CreateGenerator(trainer.Weights);
        using var predictor = model.CreatePredictor(trainer.Weights);
        var open = generator.Stream([3], maximumTokens: 20).GetEnumerator();
        var errors = new Exception?[plan.Calls.Length];
        var threads = plan.Calls.Select((calls, place) => new Thread(() =>
        {
            foreach (string call in calls)
                try
                {
                    Call(call, Path.Combine(folder, $"saved{place}"));
                }
                catch (Exception error) when (IsRefusal(error))
                {
                    // as documented; the next call may work
                }
                catch (Exception error)
                {
                    errors[place] = error;
                    return;
                }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        if (errors.FirstOrDefault(error => error is not null) is { } foreign)
            throw new AttackException($"{Refusal.Kind(foreign)} reached the caller: {foreign}");

        void Call(string call, string saved)
        {
            switch (call)
            {
                case "step": trainer.Step(data); break;
                case "evaluate": trainer.Evaluate(data); break;
                case "save": trainer.Save(saved); break;
                case "resume": trainer.Resume(saved); break;
                case "stream": _ = generator.Stream([1, 2], maximumTokens: 5).Count(); break;
                case "stream more": open.MoveNext(); break;
                case "generate": generator.Generate([[1], [2, 3]], maximumTokens: 4); break;
                case "score": generator.Score([1, 2], [3, 4]); break;
                case "predict": _ = predictor.Run(predictor.NewBatch(2, 5)).Length; break;
                case "weights": trainer.Weights.Save(saved + ".safetensors"); break;
                case "dispose generator": generator.Dispose(); break;
                case "dispose trainer": trainer.Dispose(); break;
                case "dispose predictor": predictor.Dispose(); break;
                case "dispose data": data.Dispose(); break;
                case "dispose device": device.Dispose(); break;
                case "collect": GC.Collect(); break;
                default: throw new ArgumentOutOfRangeException(nameof(call), call, "There is no such call.");
            }
        }
    }

    public override bool IsRefusal(Exception error) => base.IsRefusal(error)
        || Refusal.IsThrownByOurs(error, typeof(ObjectDisposedException), typeof(InvalidOperationException));
}
