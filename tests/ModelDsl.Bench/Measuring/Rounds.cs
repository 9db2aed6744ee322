using System.Diagnostics;

namespace ModelDsl.Bench.Measuring;

/// <summary>Times several candidates in turn, so that what disturbs the machine disturbs them alike.</summary>
internal static class Rounds
{
    // Other runtimes' threads spin for a while after their work; they get time to park before the next candidate runs.
    private const int PauseMilliseconds = 15;

    /// <summary>The median over rounds of each candidate's seconds a call.</summary>
    public static double[] Measure(int rounds, double secondsEach, params Action[] candidates)
    {
        int[] calls = [.. candidates.Select(candidate => CallsFor(candidate, secondsEach))];
        var times = candidates.Select(_ => new double[rounds]).ToArray();
        for (int round = 0; round < rounds; round++)
            for (int i = 0; i < candidates.Length; i++)
            {
                Thread.Sleep(PauseMilliseconds);
                candidates[i]();
                times[i][round] = Time(candidates[i], calls[i]) / calls[i];
            }
        return [.. times.Select(Median)];
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private static int CallsFor(Action candidate, double seconds)
    {
        candidate();
        for (int calls = 1; ; calls *= 2)
            if (Time(candidate, calls) is var time && (time > seconds / 4 || calls > 1 << 20))
                return Math.Max(1, (int)(calls * seconds / time));
    }

    private static double Time(Action candidate, int calls)
    {
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
            candidate();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
