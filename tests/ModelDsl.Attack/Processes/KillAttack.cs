using ModelDsl.Attacks.Running;

namespace ModelDsl.Attacks.Processes;

/// <param name="Signals">And the seconds after the start at which each is sent.</param>
internal sealed record KillPlan(VictimSettings Settings, KillRound[] Signals);

internal sealed record KillRound(int Signal, double Seconds);

/// <summary>
/// A run that is killed and started again until it is done: its checkpoint is, byte for byte, that of a run that was left
/// alone.
/// </summary>
internal sealed class KillAttack : PlannedAttack<KillPlan>
{
    private readonly Dictionary<VictimSettings, byte[]> _undisturbed = [];

    public override string Name => "kill";

    public override string Description => "SIGKILL, SIGTERM and SIGINT while a run starts, trains and saves; the bytes of the resumed result";

    public override int Weight => 8;

    public override int QuickCases => 1;

    public override CaseLimits Limits => CaseLimits.Programs;

    public override string? Missing() => VictimProcess.Missing();

    protected override KillPlan Plan(Random random) => new(
        new(Steps: 150, SaveEvery: 1 + random.Next(3), Threads: 1 + random.Next(3), Seed: (ulong)random.Next(3)),
        [.. Enumerable.Range(0, 1 + random.Next(6)).Select(_ => new KillRound(
            random.Next(3) switch { 0 => VictimProcess.Interrupt, 1 => VictimProcess.Terminate, _ => VictimProcess.Kill }, Math.Round(0.05 + 1.2 * random.NextDouble(), 3)))]);

    protected override void Run(KillPlan plan, string folder)
    {
        string run = Path.Combine(folder, "run");
        foreach (var (signal, seconds) in plan.Signals)
        {
            using var victim = new VictimProcess(run, plan.Settings);
            victim.Signal(signal, TimeSpan.FromSeconds(seconds));
            var end = victim.End();
            // A signal that comes before there is a handler ends the process as it ends any.
            if (end.Code is not (0 or Victim.Interrupted) && end.Code != 128 + signal)
                throw new AttackException($"a run that got signal {signal} after {seconds} s ended with code {end.Code}: {end.Errors}");
            if (end.Code == 0)
                break;
        }
        using (var last = new VictimProcess(run, plan.Settings))
            if (last.End() is { Code: not 0 } end)
                throw new AttackException($"the last run ended with code {end.Code}: {end.Errors}");
        // Threads decide no bits.
        var settings = plan.Settings with { Threads = 1 };
        if (!_undisturbed.TryGetValue(settings, out byte[]? expected))
            _undisturbed[settings] = expected = Victim.Undisturbed(Path.Combine(folder, "undisturbed"), settings);
        byte[] result = Victim.Result(run, plan.Settings.Steps);
        Directory.Delete(run, recursive: true);
        if (!result.AsSpan().SequenceEqual(expected))
            throw new AttackException($"the resumed run's checkpoint differs from an undisturbed one's, first at byte {result.AsSpan().CommonPrefixLength(expected)}");
    }
}
