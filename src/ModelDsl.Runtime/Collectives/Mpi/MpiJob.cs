using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Runtime.Collectives.Mpi;

/// <summary>
/// MPI in this process: started once, on a thread of its own since it waits for all ranks, and ended when the process
/// ends and every communicator was left in order; otherwise not at all, since the end would wait for ranks that are gone.
/// </summary>
internal sealed unsafe class MpiJob
{
    private const int MaxAddress = 1024;

    private static readonly Lock s_lock = new();
    private static MpiJob? s_job;

    private int _open;
    private bool _disorder;

    private MpiJob(CommunicatorOptions options)
    {
        Mpi = new();
        Patiently(options.Timeout, "MPI has not started", Start);
        int rank, size;
        Check(Mpi.CommRank(Mpi.World, &rank), "MPI_Comm_rank");
        Check(Mpi.CommSize(Mpi.World, &size), "MPI_Comm_size");
        (Rank, Size) = (rank, size);
        var told = RankEnvironment.Current;
        if (told.Size > 1 && (told.Size != size || told.Rank != rank))
            throw new RankEnvironmentException(
                $"{told.Launcher} says rank {told.Rank} of {told.Size}, MPI says rank {rank} of {size}. Start the ranks with the mpirun of {MpiLibrary.Path}, or with srun --mpi=pmix.");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End();
    }

    public MpiLibrary Mpi { get; }

    public int Rank { get; }

    public int Size { get; }

    /// <summary>The job; the first call starts MPI.</summary>
    /// <exception cref="NativeLibraryException">MPI is missing, or another MPI is there.</exception>
    /// <exception cref="CommunicatorException">Ranks have not started in time.</exception>
    public static MpiJob Join(CommunicatorOptions options)
    {
        lock (s_lock)
            return s_job ??= new(options);
    }

    /// <summary>A communicator of its own over all ranks, and the monitor that watches it.</summary>
    public (nint Communicator, RankMonitor? Monitor) Open(CallLog calls, CommunicatorOptions options)
    {
        nint communicator = 0;
        byte[] address = new byte[MaxAddress];
        using var host = Rank == 0 && Size > 1 ? new RendezvousHost(0) : null;
        if (host is not null)
            Encoding.UTF8.GetBytes(Address(host.Port), address);
        Patiently(options.Timeout, "Ranks have not opened the communicator", () =>
        {
            nint made;
            Check(Mpi.CommDup(Mpi.World, &made), "MPI_Comm_dup");
            Check(Mpi.ReturnErrors(made), "MPI_Comm_set_errhandler");
            fixed (byte* text = address)
                Check(Mpi.Bcast(text, MaxAddress, Mpi.Byte, 0, made), "MPI_Bcast");
            communicator = made;
        });
        _open++;
        if (Size == 1)
            return (communicator, null);
        if (host is not null)
            return (communicator, host.Accept(Size, calls, options, []));
        string[] parts = Encoding.UTF8.GetString(address).TrimEnd('\0').Split('\n');
        string[] addresses = parts[0] == Environment.MachineName ? [IPAddress.Loopback.ToString(), .. parts[2..]] : parts[2..];
        return (communicator, Rendezvous.Join(addresses, int.Parse(parts[1], CultureInfo.InvariantCulture), Rank, Size, calls, options).Monitor);
    }

    public void Close(nint communicator, bool inOrder)
    {
        _open--;
        _disorder |= !inOrder;
        if (inOrder)
            _ = Mpi.CommFree(&communicator);
    }

    /// <exception cref="CommunicatorException">The code is not MPI_SUCCESS.</exception>
    public void Check(int code, string function)
    {
        if (code != 0)
            throw Failed(RankFaultKind.LibraryFailed, $"{function} failed on rank {Rank} of {Size}: {Mpi.Describe(code)} ({code}).");
    }

    private void Start()
    {
        int done, level;
        Check(Mpi.Initialized(&done), "MPI_Initialized");
        Check(done != 0 ? Mpi.QueryThread(&level) : Mpi.InitThread(null, null, MpiLibrary.ThreadSerialized, &level), "MPI_Init_thread");
        if (level < MpiLibrary.ThreadSerialized)
            throw Failed(RankFaultKind.LibraryFailed,
                $"MPI gives thread level {level} and {MpiLibrary.ThreadSerialized} (MPI_THREAD_SERIALIZED) is needed, since .NET does not promise one thread. Build Open MPI with threads{(done != 0 ? ", or initialise it with MPI_Init_thread" : "")}.");
        Check(Mpi.ReturnErrors(Mpi.World), "MPI_Comm_set_errhandler");
    }

    private void End()
    {
        int done;
        if (_open == 0 && !_disorder && Mpi.Finalized(&done) == 0 && done == 0)
            _ = Mpi.Finalize_();
    }

    /// <summary>Runs what waits for all ranks on another thread, since MPI knows no time-out there.</summary>
    private static void Patiently(TimeSpan timeout, string problem, Action work)
    {
        Exception? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception caught)
            {
                error = caught;
            }
        })
        { IsBackground = true, Name = "MPI start" };
        thread.Start();
        if (!thread.Join(timeout))
            throw Failed(RankFaultKind.TimedOut, string.Create(CultureInfo.InvariantCulture,
                $"{problem} within {timeout.TotalSeconds:0.###} s: some rank has not come to it. Do all ranks run the same program?"));
        if (error is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
    }

    private static CommunicatorException Failed(RankFaultKind kind, string text) => new(new(kind, -1, text), text);

    /// <summary>This host's name, the port, and its addresses, a line each.</summary>
    private static string Address(int port)
    {
        var addresses =
            from network in NetworkInterface.GetAllNetworkInterfaces()
            where network.OperationalStatus == OperationalStatus.Up
            from address in network.GetIPProperties().UnicastAddresses
            where !IPAddress.IsLoopback(address.Address) && !address.Address.IsIPv6LinkLocal
            orderby address.Address.AddressFamily == AddressFamily.InterNetwork descending
            select address.Address.ToString();
        return string.Join('\n', [Environment.MachineName, port.ToString(CultureInfo.InvariantCulture), .. addresses.Take(16)]);
    }
}
