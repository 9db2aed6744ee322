using System.Diagnostics;

namespace ModelDsl.Attacks.Running;

/// <summary>
/// Runs an attack in worker processes: one at a time, each from the case behind the one that its predecessor died of or hung
/// in.
/// </summary>
/// <param name="scratch">A folder for the workers' files.</param>
/// <param name="output">Where failing inputs go.</param>
internal sealed class Supervisor(Attack attack, ulong seed, string scratch, string output)
{
    /// <summary>An attack that kills so many workers is ended.</summary>
    private const int MostDeaths = 40;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50), s_report = TimeSpan.FromSeconds(10);
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Runs until <paramref name="limit"/> has passed or <paramref name="cases"/> have run.</summary>
    /// <param name="progress">Called every few seconds.</param>
    public AttackResult Run(TimeSpan limit, long cases, Action<AttackResult> progress)
    {
        Directory.CreateDirectory(scratch);
        string path = Path.Combine(scratch, "counters");
        using var counters = new SharedCounters(path);
        int deaths = 0;
        string? ended = null;
        for (long from = 0; from < cases && _clock.Elapsed < limit;)
        {
            counters.Current = 0;
            using var worker = new WorkerProcess(attack, seed, from, cases, path, Directory.CreateDirectory(Path.Combine(scratch, $"from{from}")).FullName, output);
            string? death = Watch(worker, counters, limit, progress);
            if (death is null)
                break;
            if (counters.Current == 0)
                throw new InvalidOperationException($"{attack.Name}: the worker process does not start: {death}\n{worker.Errors}");
            long number = counters.Current - 1;
            byte[] input = attack.Create(CaseSeed.Random(seed, attack.Name, number));
            new Failures(output).Add(attack, new(attack.Name, number, death, worker.Errors), input);
            counters.Failed++;
            from = number + 1;
            if (++deaths == MostDeaths)
            {
                ended = $"ended after {deaths} deaths";
                break;
            }
        }
        return Result(counters, ended);
    }

    /// <returns>How the worker died; null where it ended in order.</returns>
    private string? Watch(WorkerProcess worker, SharedCounters counters, TimeSpan limit, Action<AttackResult> progress)
    {
        long current = -1;
        TimeSpan begun = default, processor = default, reported = _clock.Elapsed;
        while (!worker.WaitForExit(s_poll))
        {
            if (_clock.Elapsed > limit)
                counters.Stop = true;
            if (_clock.Elapsed - reported > s_report)
            {
                reported = _clock.Elapsed;
                progress(Result(counters, null));
            }
            if (counters.Current != current)
                (current, begun, processor) = (counters.Current, _clock.Elapsed, worker.ProcessorTime);
            else if ((current > 0 && (worker.ProcessorTime - processor).TotalSeconds > attack.Limits.HangSeconds)
                || (_clock.Elapsed - begun).TotalSeconds > attack.Limits.WaitSeconds)
            {
                string hang = FormattableString.Invariant($"hang: over {attack.Limits.HangSeconds} s");
                return worker.Kill() ? hang : $"crash: exit code {worker.ExitCode}";
            }
        }
        return worker.ExitCode == 0 ? null : $"crash: exit code {worker.ExitCode}{worker.Cause}";
    }

    private AttackResult Result(SharedCounters counters, string? ended) => new(
        attack.Name, counters.Accepted, counters.Refused, counters.Failed, counters.SlowestMicroseconds / 1e6, _clock.Elapsed, null, ended);
}

/// <summary>What became of an attack's cases.</summary>
/// <param name="SlowestSeconds">Processor time of the slowest case that ended.</param>
/// <param name="Skipped">Why it did not run.</param>
/// <param name="Ended">Why it ended before its time.</param>
internal sealed record AttackResult(
    string Name, long Accepted, long Refused, long Failed, double SlowestSeconds, TimeSpan Elapsed, string? Skipped, string? Ended)
{
    public long Cases => Accepted + Refused + Failed;

    public static AttackResult NotRun(string name, string reason) => new(name, 0, 0, 0, 0, default, reason, null);
}
