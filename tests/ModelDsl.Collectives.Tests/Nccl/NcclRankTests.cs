using System.Text.RegularExpressions;
using ModelDsl.Gpu.Tests.Emulator;

namespace ModelDsl.Collectives.Tests;

/// <summary>
/// The communicator of GPUs, in jobs of several processes, on an emulated driver and an emulated NCCL: queued calls, watching
/// them, and what happens to the other ranks when one fails. The real NCCL needs GPUs.
/// </summary>
public sealed class NcclRankTests
{
    [EmulatorTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Every_call_gives_what_one_process_computes(int ranks)
    {
        var ended = await Run(ranks, [], "gpu", "collectives");
        Assert.All(ended, rank => Assert.True(rank.Code == 0, rank.All));
        for (int rank = 0; rank < ranks; rank++)
            Assert.Contains($"rank {rank} of {ranks}: all as computed, NCCL 2.22.3", ended[rank].All);
    }

    [EmulatorTheory]
    [InlineData("exit", "NAME has ended without leaving its communicator")]
    [InlineData("hang", "NAME has not entered all-reduce 2 of 4,096 F32 within 2 s; its last was broadcast 1.")]
    [InlineData("count", "Ranks have entered different collectives: ")]
    public async Task Each_other_rank_names_the_one_that_went_wrong(string kind, string expected)
    {
        var ended = await Run(3, [], "gpu", "fault", kind);
        string name = ended[2].All[..ended[2].All.IndexOf(" is here", StringComparison.Ordinal)];
        for (int rank = 0; rank < 2; rank++)
        {
            Assert.NotEqual(0, ended[rank].Code);
            Assert.Matches("last in (all-reduce 2 of 4,096 F32|broadcast 1 of 4,096 F32 from rank 0): " + Regex.Escape(expected.Replace("NAME", name)), ended[rank].All);
            Assert.Contains("CommunicatorException: ", ended[rank].All);
            Assert.DoesNotContain("no fault was found", ended[rank].All);
        }
        if (kind == "count")
            Assert.All(ended, rank => Assert.Contains($"{name} all-reduce 2 of 4,095 F32", rank.All));
        if (kind == "hang")
            Assert.Contains("CommunicatorException: " + expected.Replace("NAME", name), ended[2].All); // when it wakes
    }

    [EmulatorFact]
    public async Task A_stream_that_waits_for_a_rank_that_hangs_is_released()
    {
        var ended = await Run(2, [], "gpu", "fault", "stream");
        Assert.Contains("the stream has ended", ended[0].All);
        Assert.Contains("CommunicatorException: rank 1 (host ", ended[0].All);
    }

    [EmulatorTheory]
    [InlineData("ncclAllReduce:3", "ncclAllReduce (all-reduce 2 of 4,096 F32) on cuda:0", "internal error (3): emulated failure of ncclAllReduce; NCCL 2.22.3.")]
    [InlineData("ncclBroadcast:5", "ncclBroadcast (broadcast 1 of 4,096 F32 from rank 0) on cuda:0", "invalid usage (5): emulated failure of ncclBroadcast; NCCL 2.22.3.")]
    [InlineData("ncclCommInitRankConfig:3", "ncclCommInitRankConfig (the connection of ranks) on cuda:0", "internal error (3): emulated failure of ncclCommInitRankConfig; NCCL 2.22.3.")]
    [InlineData("ncclCommGetAsyncError:6", "ncclCommInitRankConfig (the connection of ranks) on cuda:0", "remote process exited or there was a network error (6): emulated failure of ncclCommGetAsyncError; NCCL 2.22.3.")]
    public async Task What_NCCL_says_on_one_rank_is_told_to_all(string failure, string call, string words)
    {
        var ended = await Run(2, [], 1, [("EMULATED_NCCL_FAIL", failure)], "gpu", "fault", "none");
        Assert.All(ended, rank =>
        {
            Assert.NotEqual(0, rank.Code);
            Assert.Contains(call, rank.All);
            Assert.Contains(words, rank.All);
        });
    }

    [EmulatorTheory]
    [InlineData("21603", "is version 2.16.3; 2.17 or a later 2 is needed.")]
    [InlineData("30000", "is version 3.0.0; 2.17 or a later 2 is needed.")]
    public async Task Another_version_is_refused(string version, string message)
    {
        var ended = await Run(1, [("EMULATED_NCCL_VERSION", version)], "gpu", "collectives");
        Assert.NotEqual(0, ended[0].Code);
        Assert.Contains("NativeLibraryException: NCCL (", ended[0].All);
        Assert.Contains(message, ended[0].All);
    }

    private static Task<Ended[]> Run(int ranks, (string, string)[] variables, params string[] arguments) => Run(ranks, variables, -1, [], arguments);

    private static Task<Ended[]> Run(int ranks, (string, string)[] variables, int special, (string, string)[] specialVariables, params string[] arguments)
    {
        int port = Launch.FreePort();
        return Task.WhenAll(Enumerable.Range(0, ranks).Select(rank => Launch.Single(
            [.. Launch.TorchrunVariables(rank, ranks, port), .. EmulatedNccl.Variables, .. variables, .. rank == special ? specialVariables : []], arguments)));
    }
}
