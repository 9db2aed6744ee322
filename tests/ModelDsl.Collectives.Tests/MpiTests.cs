namespace ModelDsl.Collectives.Tests;

/// <summary>Every call of an MPI communicator, in jobs of one, two and four ranks.</summary>
public sealed class MpiTests
{
    [MpiTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_call_gives_what_one_process_computes_bit_for_bit(int ranks)
    {
        var ended = await Launch.Mpirun(ranks, "collectives");
        Assert.True(ended.Code == 0, ended.All);
        for (int rank = 0; rank < ranks; rank++)
            Assert.Contains($"rank {rank} of {ranks}: all as computed", ended.All);
    }

    [MpiFact]
    public async Task A_call_allocates_nothing_managed_after_the_first()
    {
        var ended = await Launch.Mpirun(4, "allocation");
        Assert.True(ended.Code == 0, ended.All);
        for (int rank = 0; rank < 4; rank++)
            Assert.Contains($"rank {rank}: 0 bytes allocated", ended.All);
    }
}
