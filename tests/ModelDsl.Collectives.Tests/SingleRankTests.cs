using ModelDsl.Runtime;
using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Collectives.Tests;

/// <summary>A job of one rank, and arguments that every communicator refuses.</summary>
public sealed unsafe class SingleRankTests
{
    [Fact]
    public void One_rank_has_what_all_ranks_have()
    {
        using var ranks = new SingleRank();
        float[] values = [1, 2, 3], gathered = new float[3], part = new float[3];
        ranks.AllReduce(values.AsSpan(), ReduceOperation.Average);
        ranks.Broadcast(values.AsSpan());
        ranks.AllGather<float>(values, gathered);
        ranks.ReduceScatter<float>(values, part);
        ranks.Barrier();
        Assert.Equal([1, 2, 3], values);
        Assert.Equal(values, gathered);
        Assert.Equal(values, part);
        Assert.Equal((0, 1, Environment.ProcessId), (ranks.Rank, ranks.Size, ranks.NameOf(0).Process));
    }

    [Fact]
    public void Wrong_arguments_are_refused_before_anything_is_sent()
    {
        using var ranks = new SingleRank();
        int[] values = [1];
        Assert.Equal("The average of I32 is no I32; take the sum.", Assert.Throws<NotSupportedException>(() => ranks.AllReduce(values.AsSpan(), ReduceOperation.Average)).Message);
        Assert.StartsWith("There is no rank 1; ranks are 0 to 0.", Assert.Throws<ArgumentOutOfRangeException>(() => ranks.Broadcast(values.AsSpan(), root: 1)).Message);
        Assert.Equal("Rank 0 cannot send to itself.", Assert.Throws<ArgumentException>(() => ranks.Send<int>(values, 0)).Message);
        Assert.Equal("Ranks exchange F32, F64, BF16, F16, I32 and I64, not U8.", Assert.Throws<NotSupportedException>(() => ranks.Broadcast(null, 1, TensorType.U8)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => ranks.AllReduce(null, -1, TensorType.F32));
        Assert.Equal("AllGather over 1 ranks takes 1 elements a rank and 1 in all, not 2.", Assert.Throws<ArgumentException>(() => ranks.AllGather<int>(values, new int[2])).Message);
        Assert.Equal("No group of messages is open.", Assert.Throws<InvalidOperationException>(ranks.EndGroup).Message);
        ranks.BeginGroup();
        Assert.Equal("Only sends and receives can be in a group.", Assert.Throws<InvalidOperationException>(ranks.Barrier).Message);
        ranks.EndGroup();
        ranks.Dispose();
        Assert.Throws<ObjectDisposedException>(ranks.Barrier);
    }
}
