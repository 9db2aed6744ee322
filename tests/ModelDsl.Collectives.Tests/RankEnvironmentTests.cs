using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Collectives.Tests;

/// <summary>Each launcher's variables, and the errors for inconsistent ones.</summary>
public sealed class RankEnvironmentTests
{
    [Fact]
    public void Without_a_launcher_there_is_one_rank() =>
        Assert.Equal(new(0, 1, 0, 1, null, null, "no launcher"), Read(""));

    [Theory]
    [InlineData("RANK=5 WORLD_SIZE=8 LOCAL_RANK=1 LOCAL_WORLD_SIZE=4 MASTER_ADDR=a MASTER_PORT=1234", 5, 8, 1, 4, "a", 1234, "torchrun")]
    [InlineData("RANK=1 WORLD_SIZE=2 LOCAL_RANK=1 MASTER_ADDR=a", 1, 2, 1, null, "a", 29500, "torchrun")]
    [InlineData("RANK=0 WORLD_SIZE=1", 0, 1, 0, null, null, null, "torchrun")]
    [InlineData("OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=8 OMPI_COMM_WORLD_LOCAL_RANK=3 OMPI_COMM_WORLD_LOCAL_SIZE=4", 3, 8, 3, 4, null, null, "mpirun")]
    [InlineData("OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=8 OMPI_COMM_WORLD_LOCAL_RANK=3 OMPI_COMM_WORLD_LOCAL_SIZE=4 MASTER_ADDR=b MASTER_PORT=9", 3, 8, 3, 4, "b", 9, "mpirun")]
    [InlineData("SLURM_PROCID=5 SLURM_NTASKS=6 SLURM_LOCALID=1 SLURM_NODEID=1 SLURM_JOB_NODELIST=n[07-08] SLURM_TASKS_PER_NODE=4,2 MASTER_PORT=77", 5, 6, 1, 2, "n07", 77, "Slurm")]
    [InlineData("SLURM_PROCID=1 SLURM_NTASKS=9 SLURM_STEP_NUM_TASKS=2 SLURM_LOCALID=0 SLURM_STEP_NODELIST=n1,n2 MASTER_ADDR=n2", 1, 2, 0, null, "n2", 29500, "Slurm")]
    // torchrun's ranks under Slurm are more than Slurm's tasks.
    [InlineData("TORCHELASTIC_RUN_ID=x RANK=5 WORLD_SIZE=8 LOCAL_RANK=1 LOCAL_WORLD_SIZE=4 MASTER_ADDR=a MASTER_PORT=1 SLURM_PROCID=1 SLURM_NTASKS=2 SLURM_LOCALID=0", 5, 8, 1, 4, "a", 1, "torchrun")]
    [InlineData("RANK=1 WORLD_SIZE=2 LOCAL_RANK=1 MASTER_ADDR=a MASTER_PORT=1 OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=1", 1, 2, 1, null, "a", 1, "torchrun")]
    public void Each_launcher_is_understood(string variables, int rank, int size, int localRank, int? localSize, string? address, int? port, string launcher) =>
        Assert.Equal(new(rank, size, localRank, localSize, address, port, launcher), Read(variables));

    [Fact]
    public void Jobs_on_one_host_have_ports_of_their_own()
    {
        const string mpirun = "OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=0 OMPI_COMM_WORLD_LOCAL_SIZE=2 PMIX_NAMESPACE=";
        const string slurm = "SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_LOCALID=0 SLURM_JOB_NODELIST=n1 SLURM_STEP_ID=0 SLURM_JOB_ID=";
        foreach (string job in (string[])[mpirun, slurm])
        {
            RankEnvironment one = Read(job + "1001"), same = Read(job + "1001"), other = Read(job + "1002");
            Assert.Equal(one.Master, same.Master);
            Assert.NotEqual(one.Master.Port, other.Master.Port);
            Assert.InRange(one.Master.Port, 20000, 29999);
        }
        Assert.Equal("127.0.0.1", Read(mpirun + "1").Master.Address);
    }

    [Theory]
    [InlineData("RANK=1", "RANK is set and WORLD_SIZE is not.")]
    [InlineData("WORLD_SIZE=2", "WORLD_SIZE is set and RANK is not.")]
    [InlineData("RANK=2 WORLD_SIZE=2", "RANK is 2 and WORLD_SIZE is 2: ranks are 0 to WORLD_SIZE - 1.")]
    [InlineData("RANK=-1 WORLD_SIZE=2", "RANK is '-1', not a number from 0.")]
    [InlineData("RANK=one WORLD_SIZE=2", "RANK is 'one', not a number from 0.")]
    [InlineData("RANK=0 WORLD_SIZE=2", "RANK and WORLD_SIZE are set and LOCAL_RANK is not: set it to this rank's place on its host, from 0.")]
    [InlineData("RANK=0 WORLD_SIZE=2 LOCAL_RANK=4 LOCAL_WORLD_SIZE=2", "torchrun says local rank 4 of 2.")]
    [InlineData("RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 LOCAL_WORLD_SIZE=4", "torchrun says 4 ranks on this host and 2 in all.")]
    [InlineData("RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 MASTER_ADDR=a MASTER_PORT=99999", "MASTER_PORT is 99999; ports are 1 to 65535.")]
    [InlineData("OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_RANK is set and OMPI_COMM_WORLD_SIZE is not.")]
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2", "OMPI_COMM_WORLD_LOCAL_RANK is not set; the launcher's other variables are.")]
    [InlineData("SLURM_PROCID=0", "SLURM_PROCID is set and SLURM_NTASKS is not.")]
    [InlineData("SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_LOCALID=0 SLURM_JOB_NODELIST=n[1", "Slurm's list of hosts 'n[1' has no ']'.")]
    [InlineData("RANK=0 WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=1", "The variables of torchrun say rank 0 of 1, those of mpirun rank 1 of 2. Unset those that are left over from another run.")]
    [InlineData("PMI_RANK=0 PMI_SIZE=2", "PMI_RANK is set: an MPICH launcher (mpiexec.hydra) has started this.")]
    public void What_makes_no_sense_is_said_with_the_variable(string variables, string message) =>
        Assert.StartsWith(message, Assert.Throws<RankEnvironmentException>(() => Read(variables)).Message);

    [Fact]
    public void Where_rank_0_is_may_be_unknown_until_it_is_needed()
    {
        var environment = Read("RANK=0 WORLD_SIZE=2 LOCAL_RANK=0");
        Assert.StartsWith("torchrun does not say where rank 0 is: set MASTER_ADDR to its host", Assert.Throws<RankEnvironmentException>(() => environment.Master).Message);
    }

    [Theory]
    [InlineData("n1", "n1")]
    [InlineData("n1,n2", "n1")]
    [InlineData("node[03-07,12],login", "node03")]
    [InlineData("login,node[03-07]", "login")]
    [InlineData("rack[1-2]node[4-5]-ib,x", "rack1node4-ib")]
    public void The_first_of_Slurms_hosts_is_found(string list, string host) => Assert.Equal(host, SlurmLists.FirstHost(list));

    [Theory]
    [InlineData("4", 0, 4)]
    [InlineData("4(x2),1", 1, 4)]
    [InlineData("4(x2),1", 2, 1)]
    [InlineData("4(x2),1", 3, null)]
    public void The_tasks_of_a_host_are_counted(string list, int node, int? tasks) => Assert.Equal(tasks, SlurmLists.TasksOf(list, node));

    private static RankEnvironment Read(string variables)
    {
        var all = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return RankEnvironment.Read(name => all.GetValueOrDefault(name));
    }
}
