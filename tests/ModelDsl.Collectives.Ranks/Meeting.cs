using System.Text;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Collectives.Ranks;

/// <summary>
/// The ranks' meeting and monitor alone, as NCCL's communicator uses them: calls are entered and waited for, and no data
/// move. All enter collective 1; then one rank behaves as the kind says.
/// </summary>
internal static class Meeting
{
    private static readonly byte[] s_gift = Encoding.UTF8.GetBytes("what rank 0 gives to all");

    public static int Run(string kind)
    {
        var environment = RankEnvironment.Current;
        var options = new CommunicatorOptions { Timeout = TimeSpan.FromSeconds(2) };
        var calls = new CallLog(environment.Size);
        if (kind == "absent" && environment.Rank == environment.Size - 1)
            return 0;
        (RankMonitor monitor, byte[] gift) = Rendezvous.Meet(environment, calls, options, () => s_gift);
        using var _ = monitor;
        if (!gift.AsSpan().SequenceEqual(s_gift))
            return 1;
        Console.WriteLine($"{monitor.Here} has met {string.Join(", ", monitor.Names)}");
        bool last = environment.Rank == environment.Size - 1;
        calls.Enter(CollectiveKind.Barrier, 0, TensorType.U8, ReduceOperation.Sum, -1);
        switch (kind)
        {
            case "leave":
                return monitor.Leave(TimeSpan.FromSeconds(20)) ? 0 : 1;
            case "hang" when last:
                WaitFor(monitor, TimeSpan.FromSeconds(20));
                return 3;
            case "ahead" when last: // it entered the call that others wait for long ago, and 300 more
                for (int i = 0; i < 300; i++)
                    calls.Enter(CollectiveKind.Broadcast, 1, TensorType.F32, ReduceOperation.Sum, 0);
                WaitFor(monitor, TimeSpan.FromSeconds(20));
                return 3;
            default:
                Wait(monitor, calls.Enter(CollectiveKind.AllReduce, last && kind == "count" ? 7 : 8, TensorType.F32, ReduceOperation.Sum, -1), options.Timeout);
                return 1; // only a fault ends this wait
        }
    }

    private static void WaitFor(RankMonitor monitor, TimeSpan patience)
    {
        for (var end = DateTime.UtcNow + patience; monitor.Fault is null && DateTime.UtcNow < end;)
            Thread.Sleep(10);
    }

    private static void Wait(RankMonitor monitor, CollectiveCall call, TimeSpan timeout)
    {
        var wait = new CallWait(monitor, timeout);
        while (true)
            wait.Round(new(in call));
    }
}
