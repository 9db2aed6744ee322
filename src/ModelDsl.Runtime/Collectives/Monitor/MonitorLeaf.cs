using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Collectives;

/// <summary>The monitor of every rank but 0.</summary>
internal sealed class MonitorLeaf : RankMonitor
{
    private readonly MonitorConnection _hub;
    private long _heard = Stopwatch.GetTimestamp();

    public MonitorLeaf(int rank, RankName[] names, CallLog calls, CommunicatorOptions options, MonitorConnection hub)
        : base(rank, names, calls, options)
    {
        _hub = hub;
        new Thread(Listen, maxStackSize: 256 << 10) { IsBackground = true, Name = "rank monitor" }.Start();
    }

    public override void Ask(in CollectiveCall call, bool expired) =>
        _hub.Send(MonitorMessage.Ask, new AskBody(call, Rank, 0, expired ? (byte)1 : (byte)0));

    public override TimeSpan HubSilence => Stopwatch.GetElapsedTime(Volatile.Read(ref _heard));

    public override void Report(RankFault fault)
    {
        if (Declare(fault))
            _hub.Send(MonitorMessage.Fault, FaultBody.Write(fault));
    }

    protected override void SayLeft(LeftBody left) => _hub.Send(MonitorMessage.Left, left);

    private void Listen()
    {
        while (_hub.TryReceive(out var message, out var body))
        {
            Volatile.Write(ref _heard, Stopwatch.GetTimestamp());
            switch (message)
            {
                case MonitorMessage.Query:
                    var ask = MemoryMarshal.Read<AskBody>(body);
                    var answer = Calls.Answer(Rank, ask.Asker, ask.Call);
                    _hub.Send(MonitorMessage.Answer, new AnswerBody(answer.Last, answer.Same, ask.Check, answer.Entered ? (byte)1 : (byte)0));
                    break;
                case MonitorMessage.Fault:
                    Declare(FaultBody.Read(body));
                    break;
                case MonitorMessage.Left:
                    MarkLeft(MemoryMarshal.Read<LeftBody>(body));
                    break;
                case MonitorMessage.AllLeft:
                    MarkAllLeft();
                    break;
            }
        }
        if (!HaveAllLeft && !HasLeft(0))
            Declare(Ended(0));
    }

    public override void Dispose()
    {
        base.Dispose();
        _hub.Dispose();
    }
}
