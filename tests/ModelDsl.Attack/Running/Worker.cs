namespace ModelDsl.Attacks.Running;

/// <summary>Runs cases one after the other, in a process of its own that may die of any of them.</summary>
internal static class Worker
{
    /// <param name="seed">Of the run.</param>
    /// <param name="from">The number of the first case.</param>
    /// <param name="until">The number behind the last.</param>
    /// <param name="counters">The file that the supervisor watches.</param>
    /// <param name="scratch">An empty folder.</param>
    /// <param name="output">Where failing inputs go.</param>
    public static int Run(Attack attack, ulong seed, long from, long until, string counters, string scratch, string output)
    {
        using var shared = new SharedCounters(counters);
        var failures = new Failures(output);
        attack.Open(scratch);
        for (long number = from; number < until && !shared.Stop; number++)
        {
            shared.Current = number + 1;
            byte[] input = attack.Create(CaseSeed.Random(seed, attack.Name, number));
            var result = CaseResult.Of(attack, input, scratch);
            shared.SlowestMicroseconds = Math.Max(shared.SlowestMicroseconds, (long)(result.Seconds * 1e6));
            if (result.Failure is { } failure)
            {
                failures.Add(attack, new(attack.Name, number, failure.Kind, failure.Detail), input);
                shared.Failed++;
            }
            else if (result.Accepted)
                shared.Accepted++;
            else
                shared.Refused++;
        }
        return 0;
    }
}

/// <summary>How a case ended.</summary>
/// <param name="Accepted">Else refused, or failed.</param>
/// <param name="Message">Of the refusal.</param>
/// <param name="Seconds">Processor time.</param>
internal sealed record CaseResult(bool Accepted, string Message, (string Kind, string Detail)? Failure, double Seconds)
{
    public static CaseResult Of(Attack attack, byte[] input, string scratch)
    {
        var begin = Environment.CpuUsage.TotalTime;
        Exception? error = null;
        try
        {
            attack.Run(input, scratch);
        }
        catch (Exception thrown) // told apart below
        {
            error = thrown;
        }
        double seconds = (Environment.CpuUsage.TotalTime - begin).TotalSeconds;
        (string, string)? failure = error switch
        {
            AttackException => (error.Message.Split(['\n', ':'])[0], error.Message),
            not null when !attack.IsRefusal(error) => (Refusal.Kind(error), error.ToString()),
            _ when seconds > attack.Limits.Seconds => ("slow", FormattableString.Invariant($"{seconds:0.0} s, more than the {attack.Limits.Seconds:0.0} s allowed; {error?.Message ?? "accepted"}")),
            _ => null,
        };
        return new(error is null, error?.Message ?? "", failure, seconds);
    }
}
