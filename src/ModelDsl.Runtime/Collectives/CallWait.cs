using System.Diagnostics;
using System.Globalization;

namespace ModelDsl.Runtime.Collectives;

/// <summary>
/// The patience of one call: whoever polls for its end asks here in each round. Looks at the clock now and then, asks the
/// monitor about the others once it takes long, and throws what the monitor finds.
/// </summary>
internal struct CallWait(RankMonitor monitor, TimeSpan timeout)
{
    private const int RoundsPerLook = 64, RoundsAlone = 256;
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(1), Grace = TimeSpan.FromSeconds(4);

    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _nextAsk = Silence(timeout);
    private int _rounds, _asks;

    /// <param name="calls">One collective, or the messages of a group; not empty.</param>
    /// <exception cref="CommunicatorException">They cannot end.</exception>
    public void Round(ReadOnlySpan<CollectiveCall> calls)
    {
        _rounds++;
        if (_rounds > RoundsAlone)
            Thread.Yield(); // with more ranks than processors, others need this one
        if (_rounds % RoundsPerLook != 0)
            return;
        var call = calls[_asks % calls.Length];
        Look(call);
        if (monitor.FaultOf(call) is { } fault)
            throw new CommunicatorException(fault, monitor.Here, call);
    }

    /// <summary>Asks the monitor about the call where it is time to; a fault is found at the monitor.</summary>
    public void Look(in CollectiveCall call)
    {
        var waited = Stopwatch.GetElapsedTime(_start);
        if (waited < _nextAsk)
            return;
        _asks++;
        _nextAsk = waited + Silence(timeout);
        monitor.Ask(call, expired: waited >= timeout);
        if (waited < timeout + Grace)
            return;
        string late = string.Create(CultureInfo.InvariantCulture, $"{call} has not ended within {timeout.TotalSeconds:0.###} s");
        monitor.Report(monitor.HubSilence > Grace / 2
            ? new(RankFaultKind.TimedOut, 0, $"{late}, and {monitor.Names[0]}, which could say why, does not answer (is its process stopped?).")
            : new(RankFaultKind.TimedOut, -1, $"{late}, and no rank was found to be the cause."));
    }

    /// <summary>How often others are asked about: often enough to end soon after the time-out.</summary>
    private static TimeSpan Silence(TimeSpan timeout) => timeout / 4 < LongestSilence ? timeout / 4 : LongestSilence;
}
