using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Collectives;

/// <summary>
/// Knows how the other ranks are, apart from the library that moves data: a TCP connection between rank 0 and each other rank,
/// and a thread that tells which call this rank has entered last. It costs a call nothing; ranks are asked only when one
/// has waited long, and a connection that closes is noticed at once.
/// </summary>
internal abstract class RankMonitor : IDisposable
{
    private static readonly TimeSpan TerminationPatience = TimeSpan.FromMilliseconds(500);

    private readonly CommunicatorOptions _options;
    private readonly ManualResetEventSlim _faulted = new(), _allLeft = new();
    private readonly PosixSignalRegistration _termination;
    private RankFault? _fault;
    private readonly Lock _declaring = new();
    private readonly bool[] _haveLeft;
    private volatile LeftRank? _left;

    private protected RankMonitor(int rank, RankName[] names, CallLog calls, CommunicatorOptions options)
    {
        (Rank, Names, Calls, _options) = (rank, names, calls, options);
        _haveLeft = new bool[names.Length];
        // A launcher that has seen a rank end terminates the others: let them say first why.
        _termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => _faulted.Wait(TerminationPatience));
    }

    /// <summary>Of all ranks, in their order.</summary>
    public IReadOnlyList<RankName> Names { get; }

    public RankName Here => Names[Rank];

    /// <summary>The first fault that any rank has seen, once it is known here.</summary>
    public RankFault? Fault => Volatile.Read(ref _fault);

    protected int Rank { get; }

    protected CallLog Calls { get; }

    protected TimeSpan Timeout => _options.Timeout;

    /// <summary>Why <paramref name="call"/> cannot be: a fault, or a rank that has left before it; null where nothing is known.</summary>
    public RankFault? FaultOf(in CollectiveCall call)
    {
        if (Fault is { } fault)
            return fault;
        if (_left is not { } left || call.IsMessage || call.Number <= left.Last.Number)
            return null;
        Report(new(RankFaultKind.Left, left.Rank, $"{Names[left.Rank]} has left {After(left.Last)}."));
        return Fault;
    }

    /// <summary>Says that this rank waits in a call; what comes of it is a fault, or nothing.</summary>
    public abstract void Ask(in CollectiveCall call, bool expired);

    /// <summary>How long rank 0, which answers every ask with a question of its own, has said nothing.</summary>
    public abstract TimeSpan HubSilence { get; }

    /// <summary>Makes a fault known on every rank.</summary>
    public abstract void Report(RankFault fault);

    /// <summary>Says that this rank makes no more calls, and waits until all have said so.</summary>
    /// <returns>False where there is a fault, or others do not leave in time.</returns>
    public bool Leave(TimeSpan patience)
    {
        if (Fault is null)
        {
            SayLeft(new(Calls.Last, Rank));
            WaitHandle.WaitAny([_allLeft.WaitHandle, _faulted.WaitHandle], patience);
        }
        return Fault is null && _allLeft.IsSet;
    }

    public virtual void Dispose()
    {
        _termination.Dispose();
        _allLeft.Set(); // connections may close from here on
    }

    protected bool HaveAllLeft => _allLeft.IsSet;

    protected abstract void SayLeft(LeftBody left);

    protected void MarkAllLeft() => _allLeft.Set();

    protected void MarkLeft(LeftBody left)
    {
        _haveLeft[left.Rank] = true;
        if (_left is not { } known || left.Last.Number < known.Last.Number)
            _left = new(left.Rank, left.Last);
    }

    protected bool HasLeft(int rank) => _haveLeft[rank];

    /// <summary>Keeps the first fault and tells of it.</summary>
    protected bool Declare(RankFault fault)
    {
        lock (_declaring)
        {
            if (_fault is not null)
                return false;
            try
            {
                _options.OnFault($"{Here}, last in {Calls.Last}: {fault.Text}");
            }
            finally
            {
                Volatile.Write(ref _fault, fault); // only now: whoever sees it may end the process
            }
        }
        _faulted.Set();
        return true;
    }

    protected RankFault Ended(int rank) => new(RankFaultKind.Ended, rank,
        $"{Names[rank]} has ended without leaving its communicator (it crashed, was killed, or exited).");

    protected static string After(in CollectiveCall last) =>
        last.Kind == CollectiveKind.None ? "before its first collective" : $"after {last.Title}";

    /// <summary>The rank that left first, and the last collective that it was part of.</summary>
    private sealed record LeftRank(int Rank, CollectiveCall Last);
}
