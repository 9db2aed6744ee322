using ModelDsl.Attacks.Running;

namespace ModelDsl.Attacks.Processes;

/// <param name="Kilobytes">That the disk has.</param>
/// <param name="ReadOnly">Whether a run is started on a read-only disk in between.</param>
internal sealed record DiskPlan(VictimSettings Settings, int Kilobytes, bool ReadOnly);

/// <summary>
/// A run on a disk that is too small, then read-only, then large enough: it ends with an error of its own that names the
/// place, and the run that goes on gives the same bytes.
/// </summary>
internal sealed class DiskAttack : PlannedAttack<DiskPlan>
{
    private readonly Dictionary<VictimSettings, byte[]> _undisturbed = [];

    public override string Name => "disk";

    public override string Description => "full and read-only disks while a run saves; the bytes of the resumed result";

    public override int Weight => 3;

    public override int QuickCases => 1;

    public override CaseLimits Limits => CaseLimits.Programs;

    public override string? Missing() => VictimProcess.Missing() ?? Mounts.Missing();

    // A checkpoint is some 90 kB, and there are two of them for a moment.
    protected override DiskPlan Plan(Random random) => new(
        new(Steps: 30, SaveEvery: 1 + random.Next(3), Threads: 1, Seed: (ulong)random.Next(3)), Kilobytes: 4 + random.Next(260), ReadOnly: random.Next(2) == 0);

    protected override void Run(DiskPlan plan, string folder)
    {
        string disk = Directory.CreateDirectory(Path.Combine(folder, "disk")).FullName, run = Path.Combine(disk, "run");
        Mounts.Add(disk, plan.Kilobytes);
        try
        {
            Expect(run, plan, "a full disk", "");
            if (plan.ReadOnly)
            {
                Mounts.Change(disk, "ro");
                Expect(run, plan, "a read-only disk", "ead-only");
                Mounts.Change(disk, "rw");
            }
            Mounts.Change(disk, "size=4m");
            using (var last = new VictimProcess(run, plan.Settings))
                if (last.End() is { Code: not 0 } end)
                    throw new AttackException($"with room again the run ended with code {end.Code}: {end.Errors}");
            byte[] result = Victim.Result(run, plan.Settings.Steps);
            if (!_undisturbed.TryGetValue(plan.Settings, out byte[]? expected))
                _undisturbed[plan.Settings] = expected = Victim.Undisturbed(Path.Combine(folder, "undisturbed"), plan.Settings);
            if (!result.AsSpan().SequenceEqual(expected))
                throw new AttackException("the resumed run's checkpoint differs from an undisturbed one's");
        }
        finally
        {
            Mounts.Remove(disk);
        }
    }

    /// <summary>The run may succeed; where it does not, it must say so itself, and what was wrong.</summary>
    private static void Expect(string run, DiskPlan plan, string disk, string word)
    {
        using var victim = new VictimProcess(run, plan.Settings);
        var end = victim.End();
        if (end.Code is not (0 or Victim.Refused))
            throw new AttackException($"{disk} ended a run with code {end.Code}: {end.Errors}");
        if (word.Length > 0 && end.Code != 0 && !end.Errors.Contains(word))
            throw new AttackException($"{disk} was reported as something else: {end.Errors}");
    }
}
