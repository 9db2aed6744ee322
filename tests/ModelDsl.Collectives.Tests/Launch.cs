using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ModelDsl.Collectives.Tests;

/// <summary>Starts ranks with mpirun, or with variables as torchrun does.</summary>
internal static class Launch
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private static string Program => Path.Combine(AppContext.BaseDirectory, "ModelDsl.Collectives.Ranks.dll");

    /// <summary>mpirun with <paramref name="ranks"/> processes of the ranks' program on this host.</summary>
    public static Task<Ended> Mpirun(int ranks, params IEnumerable<string> arguments) =>
        Run("mpirun", ["--allow-run-as-root", "--oversubscribe", "-n", $"{ranks}", "dotnet", Program, .. arguments], []);

    /// <summary>One process of the ranks' program.</summary>
    public static Task<Ended> Single(IEnumerable<(string Name, string Value)> variables, params IEnumerable<string> arguments) =>
        Run("dotnet", [Program, .. arguments], variables);

    /// <summary>As torchrun does: a process for each rank; they meet at a port.</summary>
    public static Task<Ended[]> Torchrun(int ranks, int port, params string[] arguments) => Task.WhenAll(
        Enumerable.Range(0, ranks).Select(rank => Single(TorchrunVariables(rank, ranks, port), arguments)));

    public static (string, string)[] TorchrunVariables(int rank, int ranks, int port) =>
    [
        ("RANK", $"{rank}"), ("WORLD_SIZE", $"{ranks}"), ("LOCAL_RANK", $"{rank}"), ("LOCAL_WORLD_SIZE", $"{ranks}"),
        ("MASTER_ADDR", "127.0.0.1"), ("MASTER_PORT", $"{port}"),
    ];

    /// <summary>A port that is currently free.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Task<Ended> Run(string file, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo(file, arguments);
        start.Environment["TERM"] = "dumb"; // mpirun gives rank 0 a terminal
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return ChildProcess.Run(start, s_patience);
    }
}

/// <summary>A test that needs mpirun and Open MPI's library.</summary>
internal sealed class MpiFactAttribute : FactAttribute
{
    public MpiFactAttribute() => Skip = Mpi.Missing;
}

/// <summary>Tests that need mpirun and Open MPI's library.</summary>
internal sealed class MpiTheoryAttribute : TheoryAttribute
{
    public MpiTheoryAttribute() => Skip = Mpi.Missing;
}

internal static class Mpi
{
    /// <summary>Why tests of MPI are skipped; null if it is installed.</summary>
    public static string? Missing { get; } = Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "mpirun")))
        ? Runtime.Collectives.Mpi.MpiLibrary.Problem
        : "mpirun is not installed (Debian: openmpi-bin)";
}
