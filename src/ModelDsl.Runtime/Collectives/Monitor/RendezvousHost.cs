using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelDsl.Runtime.Collectives;

/// <summary>Rank 0's side of the ranks' first meeting: listens until every rank has said its name.</summary>
internal sealed class RendezvousHost : IDisposable
{
    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(2);

    private readonly Socket _listener;

    /// <param name="port">0 takes any that is free.</param>
    /// <exception cref="CommunicatorException">The port is taken.</exception>
    public RendezvousHost(int port)
    {
        bool six = Socket.OSSupportsIPv6;
        _listener = new(six ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (six)
                _listener.DualMode = true;
            _listener.Bind(new IPEndPoint(six ? IPAddress.IPv6Any : IPAddress.Any, port));
            _listener.Listen(512);
        }
        catch (SocketException error)
        {
            _listener.Dispose();
            throw Rendezvous.Failed(0, $"Rank 0 cannot listen at port {port}: {error.Message}. Another job may use it; set MASTER_PORT to one that is free.");
        }
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Waits for ranks 1 to <paramref name="size"/> - 1, and gives each what <paramref name="gift"/> holds.</summary>
    /// <exception cref="CommunicatorException">Not all come in time, or two say that they are the same.</exception>
    public MonitorHub Accept(int size, CallLog calls, CommunicatorOptions options, ReadOnlySpan<byte> gift)
    {
        var names = new RankName[size];
        var leaves = new MonitorConnection?[size];
        names[0] = RankName.Here(0);
        try
        {
            long start = Stopwatch.GetTimestamp();
            for (int joined = 1; joined < size;)
            {
                var left = options.Timeout - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !_listener.Poll(left, SelectMode.SelectRead))
                    throw Missing(leaves, options.Timeout);
                var connection = new MonitorConnection(_listener.Accept()) { ReceiveTimeout = HelloPatience };
                if (Hello(connection, size) is not { } name)
                {
                    connection.Dispose(); // a stranger at the door
                    continue;
                }
                if (leaves[name.Rank] is not null || name.Rank == 0)
                    throw Rendezvous.Failed(name.Rank,
                        $"Two processes say that they are rank {name.Rank} of {size}: {names[name.Rank]} and process {name.Process} on host {name.Host}.");
                connection.ReceiveTimeout = TimeSpan.Zero;
                (names[name.Rank], leaves[name.Rank]) = (name, connection);
                joined++;
            }
        }
        catch (CommunicatorException error)
        {
            foreach (var leaf in leaves)
            {
                leaf?.Send(MonitorMessage.Refused, error.Message);
                leaf?.Dispose();
            }
            throw;
        }
        _listener.Dispose(); // before any rank can come back for a second communicator
        byte[] roster = Roster.Write(names, gift);
        foreach (var leaf in leaves)
            leaf?.Send(MonitorMessage.Roster, roster);
        return new(names, calls, options, leaves!);
    }

    private static RankName? Hello(MonitorConnection connection, int size)
    {
        if (!connection.TryReceive(out var message, out var body) || message != MonitorMessage.Hello || body.Length < Unsafe.SizeOf<HelloBody>())
            return null;
        var hello = MemoryMarshal.Read<HelloBody>(body);
        if (hello.Magic != HelloBody.ThisMagic)
            return null;
        if (hello is { Version: HelloBody.ThisVersion } && hello.Size == size && hello.Rank >= 0 && hello.Rank < size)
            return new(hello.Rank, Encoding.UTF8.GetString(body[Unsafe.SizeOf<HelloBody>()..]), hello.Process);
        connection.Send(MonitorMessage.Refused, hello.Version != HelloBody.ThisVersion
            ? $"Rank 0 speaks version {HelloBody.ThisVersion} of the monitor's protocol, rank {hello.Rank} version {hello.Version}: the ranks run different builds."
            : $"Rank 0 was told that there are {size} ranks; another process that it is rank {hello.Rank} of {hello.Size}.");
        return null;
    }

    private CommunicatorException Missing(MonitorConnection?[] leaves, TimeSpan timeout)
    {
        int[] missing = [.. Enumerable.Range(1, leaves.Length - 1).Where(rank => leaves[rank] is null)];
        string which = missing.Length == 1 ? $"rank {missing[0]} has" : $"ranks {string.Join(", ", missing)} have";
        return Rendezvous.Failed(missing[0], string.Create(CultureInfo.InvariantCulture,
            $"Of {leaves.Length} ranks, {which} not joined rank 0 on host {Environment.MachineName} at port {Port} within {timeout.TotalSeconds:0.###} s. Were all started, by mpirun, srun or torchrun, and can they reach that host?"));
    }

    public void Dispose() => _listener.Dispose();
}
