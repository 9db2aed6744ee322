using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelDsl.Collectives.Tests;

/// <summary>Ranks that meet through torchrun's variables, without MPI, and the faults that their monitors find.</summary>
public sealed class MeetingTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task All_ranks_learn_all_names_and_leave_in_order(int ranks)
    {
        var ended = await Launch.Torchrun(ranks, Launch.FreePort(), "meet", "leave");
        Assert.All(ended, rank => Assert.True(rank.Code == 0, rank.All));
        string all = ended[0].All[ended[0].All.IndexOf("has met", StringComparison.Ordinal)..];
        Assert.All(ended, rank => Assert.EndsWith(all, rank.All));
        for (int rank = 0; rank < ranks; rank++)
            Assert.Contains($"rank {rank} (host {Environment.MachineName}, process ", all);
    }

    [Fact]
    public async Task A_rank_that_does_not_come_is_missed_by_number()
    {
        int port = Launch.FreePort();
        var ended = await Launch.Torchrun(3, port, "meet", "absent");
        for (int rank = 0; rank < 2; rank++)
        {
            Assert.NotEqual(0, ended[rank].Code);
            Assert.Contains($"Of 3 ranks, rank 2 has not joined rank 0 on host {Environment.MachineName} at port {port} within 2 s.", ended[rank].All);
        }
    }

    [Theory]
    [InlineData("hang", "NAME has not entered all-reduce 2 of 8 F32 within 2 s; its last was barrier 1.")]
    [InlineData("count", "Ranks have entered different collectives: ")]
    [InlineData("ahead", "Every rank has entered all-reduce 2 of 8 F32, which has not ended within 2 s.")]
    public async Task The_monitor_finds_who_is_missing_and_who_disagrees(string kind, string expected)
    {
        var ended = await Launch.Torchrun(3, Launch.FreePort(), "meet", kind);
        string name = ended[2].All[..ended[2].All.IndexOf(" has met", StringComparison.Ordinal)];
        Assert.All(ended, rank => Assert.NotEqual(0, rank.Code));
        Assert.All(ended, rank => Assert.Contains(expected.Replace("NAME", name), rank.All));
        if (kind == "count")
            Assert.All(ended, rank => Assert.Contains($"{name} all-reduce 2 of 7 F32", rank.All));
    }

    [Fact]
    public async Task Rank_0_that_is_not_there_is_missed_at_its_address()
    {
        int port = Launch.FreePort();
        var ended = await Launch.Single(Launch.TorchrunVariables(1, 2, port), "meet", "leave");
        Assert.NotEqual(0, ended.Code);
        Assert.Contains($"Rank 1 of 2 has not met rank 0 at 127.0.0.1 port {port} within 2 s: Connection refused.", ended.All);
    }

    [Fact]
    public async Task Two_processes_of_one_rank_are_told_of_each_other()
    {
        int port = Launch.FreePort();
        var ended = await Task.WhenAll(
            Launch.Single(Launch.TorchrunVariables(0, 3, port), "meet", "leave"),
            Launch.Single(Launch.TorchrunVariables(1, 3, port), "meet", "leave"),
            Launch.Single(Launch.TorchrunVariables(1, 3, port), "meet", "leave"));
        Assert.All(ended, rank => Assert.NotEqual(0, rank.Code));
        Assert.Contains("Two processes say that they are rank 1 of 3: rank 1 (host ", ended[0].All);
    }

    [Fact]
    public async Task Another_number_of_ranks_is_refused()
    {
        int port = Launch.FreePort();
        var ended = await Task.WhenAll(
            Launch.Single(Launch.TorchrunVariables(0, 2, port), "meet", "leave"),
            Launch.Single(Launch.TorchrunVariables(1, 3, port), "meet", "leave"));
        Assert.Contains("Rank 0 was told that there are 2 ranks; another process that it is rank 1 of 3.", ended[1].All);
        Assert.Contains("Of 2 ranks, rank 1 has not joined", ended[0].All);
    }

    [Fact]
    public async Task A_stranger_at_the_port_does_not_disturb()
    {
        int port = Launch.FreePort();
        var first = Launch.Single(Launch.TorchrunVariables(0, 2, port), "meet", "leave");
        using (var stranger = new TcpClient())
        {
            for (int tries = 0; !stranger.Connected; tries++)
                try
                {
                    await stranger.ConnectAsync(IPAddress.Loopback, port);
                }
                catch (SocketException) when (tries < 200)
                {
                    await Task.Delay(10);
                }
            await stranger.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"));
            var second = await Launch.Single(Launch.TorchrunVariables(1, 2, port), "meet", "leave");
            Assert.True(second.Code == 0, second.All);
        }
        Assert.Equal(0, (await first).Code);
    }

    [Fact]
    public async Task A_taken_port_is_said_to_be_taken()
    {
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var ended = await Launch.Single(Launch.TorchrunVariables(0, 2, port), "meet", "leave");
        Assert.NotEqual(0, ended.Code);
        Assert.Contains($"Rank 0 cannot listen at port {port}: Address already in use. Another job may use it; set MASTER_PORT to one that is free.", ended.All);
    }
}
