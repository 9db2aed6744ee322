using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelDsl.Runtime.Collectives;

/// <summary>The ranks' first meeting, at rank 0: every rank learns the names of all, and gets what rank 0 gives.</summary>
internal static class Rendezvous
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50), ConnectPatience = TimeSpan.FromSeconds(3);

    /// <summary>Meets where the environment says.</summary>
    /// <param name="gift">Called on rank 0 alone, before it waits for the others.</param>
    public static (RankMonitor Monitor, byte[] Gift) Meet(RankEnvironment environment, CallLog calls, CommunicatorOptions options, Func<byte[]> gift)
    {
        var (address, port) = environment.Master;
        if (environment.Rank != 0)
            return Join([address], port, environment.Rank, environment.Size, calls, options);
        byte[] given = gift();
        using var host = new RendezvousHost(port);
        return (host.Accept(environment.Size, calls, options, given), given);
    }

    /// <summary>Joins rank 0 at the first of several addresses that answers.</summary>
    /// <exception cref="CommunicatorException">Rank 0 is not there in time, or says why the job cannot begin.</exception>
    public static (RankMonitor Monitor, byte[] Gift) Join(
        IReadOnlyList<string> addresses, int port, int rank, int size, CallLog calls, CommunicatorOptions options)
    {
        string problem = "no answer";
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < options.Timeout)
        {
            foreach (string address in addresses)
            {
                if (Connect(address, port, ref problem) is not { } connection)
                    continue;
                connection.Send(MonitorMessage.Hello, Hello(rank, size));
                connection.ReceiveTimeout = options.Timeout - Stopwatch.GetElapsedTime(start) + TimeSpan.FromSeconds(1); // rank 0 gives up first, and says why
                if (connection.TryReceive(out var message, out var body) && message is MonitorMessage.Roster)
                {
                    connection.ReceiveTimeout = TimeSpan.Zero;
                    var (names, gift) = Roster.Read(body, size);
                    return (new MonitorLeaf(rank, names, calls, options, connection), gift);
                }
                connection.Dispose();
                if (message is MonitorMessage.Refused)
                    throw Failed(-1, Encoding.UTF8.GetString(body));
                problem = "who answers there is not rank 0 of this job, or has given up";
            }
            Thread.Sleep(BetweenTries);
        }
        throw Failed(0, string.Create(CultureInfo.InvariantCulture,
            $"Rank {rank} of {size} has not met rank 0 at {string.Join(" or ", addresses)} port {port} within {options.Timeout.TotalSeconds:0.###} s: {problem}."));
    }

    public static CommunicatorException Failed(int rank, string text) => new(new(RankFaultKind.TimedOut, rank, text), text);

    private static MonitorConnection? Connect(string address, int port, ref string problem)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var patience = new CancellationTokenSource(ConnectPatience);
            socket.ConnectAsync(new DnsEndPoint(address, port), patience.Token).AsTask().GetAwaiter().GetResult();
            return new(socket);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            problem = error is SocketException ? error.Message : "no answer";
            socket.Dispose();
            return null;
        }
    }

    private static byte[] Hello(int rank, int size)
    {
        var hello = new HelloBody(HelloBody.ThisMagic, HelloBody.ThisVersion, rank, size, Environment.ProcessId);
        return [.. MemoryMarshal.AsBytes(new ReadOnlySpan<HelloBody>(in hello)), .. Encoding.UTF8.GetBytes(Environment.MachineName)];
    }
}
