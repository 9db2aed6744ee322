namespace ModelDsl.Runtime.Collectives;

/// <summary>
/// What the launcher told this process: which rank of how many it is, and where rank 0 is met. torchrun's variables (RANK,
/// WORLD_SIZE, ...) come before Open MPI's (OMPI_COMM_WORLD_*), and those before Slurm's (SLURM_PROCID, ...).
/// </summary>
/// <param name="Rank">0 to Size - 1.</param>
/// <param name="LocalRank">Among the ranks on this host: which GPU to take.</param>
/// <param name="LocalSize">Ranks on this host; null where the launcher does not say.</param>
/// <param name="MasterAddress">The host of rank 0; null where it is not known.</param>
/// <param name="MasterPort">Null where the address is.</param>
/// <param name="Launcher">As errors name it: "torchrun", "mpirun", "Slurm", "no launcher".</param>
public sealed record RankEnvironment(
    int Rank, int Size, int LocalRank, int? LocalSize, string? MasterAddress, int? MasterPort, string Launcher)
{
    /// <summary>PyTorch's, where only an address is given.</summary>
    public const int DefaultPort = 29500;

    /// <summary>Of this process.</summary>
    /// <exception cref="RankEnvironmentException">Variables are missing, wrong or contradict each other.</exception>
    public static RankEnvironment Current => Read(Environment.GetEnvironmentVariable);

    /// <summary>From given variables; null where one is not set.</summary>
    /// <exception cref="RankEnvironmentException">Variables are missing, wrong or contradict each other.</exception>
    public static RankEnvironment Read(Func<string, string?> variable)
    {
        var variables = new RankVariables(variable);
        RankEnvironment?[] told = [Torchrun(variables), OpenMpi(variables), Slurm(variables)];
        if (told.FirstOrDefault(environment => environment is not null) is not { } chosen)
        {
            if (variables.Text("PMI_RANK") is not null && variables.Int("PMI_SIZE") > 1)
                throw new RankEnvironmentException(
                    "PMI_RANK is set: an MPICH launcher (mpiexec.hydra) has started this. Use Open MPI's mpirun, srun, or set RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT.");
            return new(0, 1, 0, 1, null, null, "no launcher");
        }
        // torchrun starts several ranks from one of the outer launcher's, so only where it is not there must they agree.
        if (variables.Text("TORCHELASTIC_RUN_ID") is null)
            foreach (var other in told)
                if (other is not null && (other.Rank != chosen.Rank || other.Size != chosen.Size))
                    throw new RankEnvironmentException(
                        $"The variables of {chosen.Launcher} say rank {chosen.Rank} of {chosen.Size}, those of {other.Launcher} rank {other.Rank} of {other.Size}. Unset those that are left over from another run.");
        return chosen;
    }

    /// <summary>Where rank 0 is met.</summary>
    /// <exception cref="RankEnvironmentException">It is not known.</exception>
    public (string Address, int Port) Master => MasterAddress is null
        ? throw new RankEnvironmentException($"{Launcher} does not say where rank 0 is: set MASTER_ADDR to its host, and MASTER_PORT to a free port there, on all ranks (mpirun -x MASTER_ADDR=host).")
        : (MasterAddress, MasterPort ?? DefaultPort);

    private static RankEnvironment? Torchrun(RankVariables variables)
    {
        if (variables.Text("RANK") is null && variables.Text("WORLD_SIZE") is null)
            return null;
        var (rank, size) = variables.Place("RANK", "WORLD_SIZE");
        int? localRank = variables.Int("LOCAL_RANK"), localSize = variables.Int("LOCAL_WORLD_SIZE");
        if (localRank is null && size > 1)
            throw new RankEnvironmentException("RANK and WORLD_SIZE are set and LOCAL_RANK is not: set it to this rank's place on its host, from 0.");
        return Checked(variables, new(rank, size, localRank ?? 0, localSize, variables.Text("MASTER_ADDR"), variables.Port(), "torchrun"), null);
    }

    private static RankEnvironment? OpenMpi(RankVariables variables)
    {
        const string prefix = "OMPI_COMM_WORLD_";
        if (variables.Text(prefix + "RANK") is null)
            return null;
        var (rank, size) = variables.Place(prefix + "RANK", prefix + "SIZE");
        int localRank = variables.Needed(prefix + "LOCAL_RANK");
        int? localSize = variables.Int(prefix + "LOCAL_SIZE");
        string? address = variables.Text("MASTER_ADDR") ?? (localSize == size ? "127.0.0.1" : null);
        return Checked(variables, new(rank, size, localRank, localSize, address, variables.Port(), "mpirun"), variables.Text("PMIX_NAMESPACE"));
    }

    private static RankEnvironment? Slurm(RankVariables variables)
    {
        if (variables.Text("SLURM_PROCID") is null)
            return null;
        var (rank, size) = variables.Place("SLURM_PROCID", variables.Text("SLURM_STEP_NUM_TASKS") is null ? "SLURM_NTASKS" : "SLURM_STEP_NUM_TASKS");
        string? hosts = variables.Text("SLURM_STEP_NODELIST") ?? variables.Text("SLURM_JOB_NODELIST") ?? variables.Text("SLURM_NODELIST");
        string? address = variables.Text("MASTER_ADDR") ?? (hosts is null ? null : SlurmLists.FirstHost(hosts));
        string? tasks = variables.Text("SLURM_STEP_TASKS_PER_NODE") ?? variables.Text("SLURM_TASKS_PER_NODE");
        int? localSize = tasks is null ? null : SlurmLists.TasksOf(tasks, variables.Int("SLURM_NODEID") ?? 0);
        string job = $"{variables.Text("SLURM_JOB_ID")}.{variables.Text("SLURM_STEP_ID")}";
        return Checked(variables, new(rank, size, variables.Needed("SLURM_LOCALID"), localSize, address, variables.Port(), "Slurm"), job);
    }

    /// <param name="job">What tells this job from others on the host: its port follows from it where none is set.</param>
    private static RankEnvironment Checked(RankVariables variables, RankEnvironment told, string? job)
    {
        if (told.LocalRank < 0 || told.LocalRank >= (told.LocalSize ?? told.Size))
            throw new RankEnvironmentException($"{told.Launcher} says local rank {told.LocalRank} of {told.LocalSize ?? told.Size}.");
        if (told.LocalSize > told.Size)
            throw new RankEnvironmentException($"{told.Launcher} says {told.LocalSize} ranks on this host and {told.Size} in all.");
        if (told.MasterAddress is null || told.MasterPort is not null)
            return told;
        return told with { MasterPort = job is null || variables.Text("MASTER_ADDR") is not null ? DefaultPort : PortOf(job) };
    }

    /// <summary>A port below those that systems give out by themselves (FNV-1a, Fowler, Noll and Vo).</summary>
    private static int PortOf(string job)
    {
        uint hash = 2166136261;
        foreach (char c in job)
            hash = (hash ^ c) * 16777619;
        return 20000 + (int)(hash % 10000);
    }
}

/// <summary>What the launcher told this process does not make sense; says which variable, and what to set.</summary>
public sealed class RankEnvironmentException(string message) : Exception(message);
