using System.Diagnostics;

namespace ModelDsl.Bench.Measuring;

/// <summary>Times several candidates in turn, so that what disturbs the machine disturbs them alike.</summary>
internal static class Rounds
{
    /// <summary>Other runtimes' threads spin for a while after their work; in this time they park.</summary>
    public const int PauseMilliseconds = 15;

    // Calls are timed in batches of at least this, which a clock resolves and a time slice seldom falls into.
    private const double BatchSeconds = 200e-6;

    /// <summary>
    /// Each candidate's seconds a call: the median over batches of calls, in so many rounds of
    /// <paramref name="secondsEach"/> for each.
    /// </summary>
    public static double[] Measure(int rounds, double secondsEach, params Action[] candidates)
    {
        int[] calls = [.. candidates.Select(CallsABatch)];
        var times = candidates.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round < rounds; round++)
            for (int i = 0; i < candidates.Length; i++)
            {
                Thread.Sleep(PauseMilliseconds);
                candidates[i]();
                for (double spent = 0; spent < secondsEach; spent += times[i][^1] * calls[i])
                    times[i].Add(Time(candidates[i], calls[i]) / calls[i]);
            }
        return [.. times.Select(Median)];
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static int CallsABatch(Action candidate)
    {
        candidate();
        int calls = 1;
        while (Time(candidate, calls) < BatchSeconds)
            calls *= 2;
        return calls;
    }

    private static double Time(Action candidate, int calls)
    {
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
            candidate();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
