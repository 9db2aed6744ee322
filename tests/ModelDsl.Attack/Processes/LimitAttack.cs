using ModelDsl.Attacks.Running;

namespace ModelDsl.Attacks.Processes;

/// <param name="Limit">As ulimit takes it.</param>
internal sealed record LimitPlan(VictimSettings Settings, string Limit);

/// <summary>
/// A run with too few file handles, too little address space or too small files: it ends with an error of its own, and the
/// run that goes on without the limit gives the same bytes.
/// </summary>
internal sealed class LimitAttack : PlannedAttack<LimitPlan>
{
    private byte[]? _undisturbed;

    public override string Name => "limits";

    public override string Description => "few file handles, little address space, small files (ulimit)";

    public override int Weight => 2;

    public override int QuickCases => 1;

    public override CaseLimits Limits => CaseLimits.Programs;

    public override string? Missing() => VictimProcess.Missing();

    protected override LimitPlan Plan(Random random) => new(
        new(Steps: 30, SaveEvery: 2, Threads: 2, Seed: 1),
        random.Next(3) switch
        {
            0 => $"-n {20 + random.Next(200)}",
            1 => $"-f {1 + random.Next(200)}", // blocks of 512 bytes
            _ => $"-v {(1 << 20) + random.Next(300 << 20)}", // kilobytes
        });

    protected override void Run(LimitPlan plan, string folder)
    {
        string run = Path.Combine(folder, "run");
        using (var victim = new VictimProcess(run, plan.Settings, plan.Limit))
        {
            var end = victim.End();
            // Below some limits .NET itself does not start.
            if (end.Started && end.Code is not (0 or Victim.Refused or Victim.OutOfMemory))
                throw new AttackException($"the limit {plan.Limit[..2]} ended a run with code {end.Code}: ulimit {plan.Limit}: {end.Errors}");
        }
        using (var last = new VictimProcess(run, plan.Settings))
            if (last.End() is { Code: not 0 } end)
                throw new AttackException($"without the limit the run ended with code {end.Code}: {end.Errors}");
        byte[] result = Victim.Result(run, plan.Settings.Steps);
        Directory.Delete(run, recursive: true);
        _undisturbed ??= Victim.Undisturbed(Path.Combine(folder, "undisturbed"), plan.Settings);
        if (!result.AsSpan().SequenceEqual(_undisturbed))
            throw new AttackException("the resumed run's checkpoint differs from an undisturbed one's");
    }
}
