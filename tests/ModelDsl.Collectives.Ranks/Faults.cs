using System.Diagnostics;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Collectives.Ranks;

/// <summary>All ranks make broadcast 1 and all-reduce 2; then all-reduce 3, which the last rank does not enter as it should.</summary>
internal static unsafe class Faults
{
    public static int Run(string kind, TimeSpan timeout)
    {
        using var ranks = Communicator.Create(new() { Timeout = timeout });
        Run(ranks, kind);
        return 0;
    }

    public static void Run(Communicator ranks, string kind)
    {
        var values = new float[4096];
        ranks.Broadcast(values.AsSpan());
        Console.WriteLine($"{ranks.NameOf(ranks.Rank)} is here"); // its name in errors
        ranks.AllReduce(values.AsSpan()); // ends when all have printed it
        if (ranks.Rank == (kind.EndsWith("-first", StringComparison.Ordinal) ? 0 : ranks.Size - 1))
            Misbehave(ranks, kind.Split('-')[0], values);
        ranks.AllReduce(values.AsSpan());
        Console.WriteLine("no fault was found");
    }

    private static void Misbehave(Communicator ranks, string kind, float[] values)
    {
        switch (kind)
        {
            case "exit":
                Environment.Exit(0);
                break;
            case "throw":
                throw new InvalidOperationException("this rank has a fault of its own");
            case "kill":
                Process.GetCurrentProcess().Kill();
                break;
            case "stop":
                using (var signal = Process.Start("kill", ["-STOP", Environment.ProcessId.ToString()]))
                    signal.WaitForExit();
                break;
            case "hang":
                Thread.Sleep(System.Threading.Timeout.Infinite);
                break;
            case "leave":
                ranks.Dispose();
                Thread.Sleep(System.Threading.Timeout.Infinite);
                break;
            case "count":
                ranks.AllReduce(values.AsSpan(0, 4095));
                break;
            case "call":
                ranks.Broadcast(values.AsSpan());
                break;
            case "silent":
                ranks.Receive<float>(values, 0); // rank 0 sends nothing
                break;
            default:
                throw new ArgumentException(kind);
        }
    }
}
