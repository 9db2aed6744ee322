using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Collectives;

/// <summary>The monitor of rank 0: asks the others, decides whose fault it is, and tells all.</summary>
internal sealed class MonitorHub : RankMonitor
{
    private readonly Lock _lock = new();
    private readonly MonitorConnection[] _leaves; // none at 0
    private readonly bool[] _gone;
    private MonitorCheck? _check;
    private int _checks;

    public MonitorHub(RankName[] names, CallLog calls, CommunicatorOptions options, MonitorConnection[] leaves)
        : base(0, names, calls, options)
    {
        _leaves = leaves;
        _gone = new bool[names.Length];
        for (int rank = 1; rank < leaves.Length; rank++)
        {
            int from = rank;
            new Thread(() => Listen(from), maxStackSize: 256 << 10) { IsBackground = true, Name = $"rank monitor {rank}" }.Start();
        }
    }

    public override void Ask(in CollectiveCall call, bool expired) => Ask(new AskBody(call, 0, 0, expired ? (byte)1 : (byte)0));

    public override TimeSpan HubSilence => TimeSpan.Zero;

    public override void Report(RankFault fault)
    {
        if (Declare(fault))
            Tell(MonitorMessage.Fault, FaultBody.Write(fault));
    }

    protected override void SayLeft(LeftBody left)
    {
        MarkLeft(left);
        Tell(MonitorMessage.Left, MemoryMarshal.AsBytes(new ReadOnlySpan<LeftBody>(in left)));
        lock (_lock)
            _gone[left.Rank] = true;
        EndIfAllLeft();
    }

    /// <summary>One check at a time: whoever waits asks again, so an ask that comes while others are asked is not lost.</summary>
    private void Ask(AskBody ask)
    {
        if (Fault is not null)
            return;
        MonitorCheck? check = null;
        RankFault? fault = null;
        lock (_lock)
        {
            if (_check is { IsOver: false } running)
            {
                fault = running.Join(ask);
            }
            else
            {
                ask = ask with { Check = ++_checks };
                _check = check = new(ask, Names, Timeout, _gone);
            }
        }
        if (fault is not null)
            Report(fault);
        if (check is null)
            return;
        for (int rank = 1; rank < _leaves.Length; rank++)
            _leaves[rank].Send(MonitorMessage.Query, ask);
        Add(check, 0, Calls.Answer(0, ask.Asker, ask.Call));
    }

    private void Add(MonitorCheck check, int rank, CallAnswer answer)
    {
        RankFault? fault;
        lock (_lock)
            fault = check.Add(rank, answer);
        if (fault is not null)
            Report(fault);
    }

    private void Listen(int rank)
    {
        while (_leaves[rank].TryReceive(out var message, out var body))
        {
            switch (message)
            {
                case MonitorMessage.Ask:
                    Ask(MemoryMarshal.Read<AskBody>(body));
                    break;
                case MonitorMessage.Answer:
                    var answer = MemoryMarshal.Read<AnswerBody>(body);
                    if (_check is { } check && check.Number == answer.Check)
                        Add(check, rank, new(answer.Last, answer.Same, answer.Entered != 0));
                    break;
                case MonitorMessage.Fault:
                    Report(FaultBody.Read(body));
                    break;
                case MonitorMessage.Left:
                    SayLeft(MemoryMarshal.Read<LeftBody>(body));
                    break;
            }
        }
        bool left;
        lock (_lock)
        {
            left = _gone[rank];
            _gone[rank] = true;
        }
        if (!left && !HaveAllLeft)
            Report(Ended(rank));
    }

    private void EndIfAllLeft()
    {
        lock (_lock)
            if (Array.IndexOf(_gone, false) >= 0)
                return;
        Tell(MonitorMessage.AllLeft, []);
        MarkAllLeft();
    }

    private void Tell(MonitorMessage message, ReadOnlySpan<byte> body)
    {
        for (int rank = 1; rank < _leaves.Length; rank++)
            _leaves[rank].Send(message, body);
    }

    public override void Dispose()
    {
        base.Dispose();
        for (int rank = 1; rank < _leaves.Length; rank++)
            _leaves[rank].Dispose();
    }
}
