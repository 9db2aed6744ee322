using System.Globalization;
using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Collectives;

/// <summary>
/// One call of a communicator as errors name it: "all-reduce 42 of 4,096 F32". Ranks compare theirs byte for byte, so it
/// holds nothing managed.
/// </summary>
/// <param name="Number">Collectives count from 1, on every rank alike; messages from 1 for each pair of ranks and direction.</param>
/// <param name="Count">Elements, as the caller gave them.</param>
/// <param name="Peer">The root of a broadcast, the other rank of a message, -1 otherwise.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct CollectiveCall(
    long Number, long Count, TensorType Type, int Peer, CollectiveKind Kind, ReduceOperation Operation)
{
    /// <summary>Between two ranks, not all.</summary>
    public bool IsMessage => Kind is CollectiveKind.Send or CollectiveKind.Receive;

    /// <summary>Of <see cref="Count"/> elements.</summary>
    public long Bytes => Count * ElementBytes;

    public int ElementBytes => Type switch
    {
        TensorType.F64 or TensorType.I64 => 8,
        TensorType.F32 or TensorType.I32 => 4,
        _ => 2,
    };

    /// <summary>Kind and number alone: "all-reduce 42".</summary>
    public string Title => Kind switch
    {
        CollectiveKind.None => "no call",
        CollectiveKind.Connect => "the connection of ranks",
        CollectiveKind.AllReduce => $"all-reduce {Number}",
        CollectiveKind.ReduceScatter => $"reduce-scatter {Number}",
        CollectiveKind.AllGather => $"all-gather {Number}",
        CollectiveKind.Broadcast => $"broadcast {Number}",
        CollectiveKind.Barrier => $"barrier {Number}",
        CollectiveKind.Send => $"message {Number} to rank {Peer}",
        _ => $"message {Number} from rank {Peer}",
    };

    public override string ToString()
    {
        string title = Kind is CollectiveKind.None or CollectiveKind.Connect or CollectiveKind.Barrier
            ? Title
            : string.Create(CultureInfo.InvariantCulture, $"{Title} of {Count:N0} {Type}");
        return Kind switch
        {
            CollectiveKind.Broadcast => $"{title} from rank {Peer}",
            CollectiveKind.AllReduce or CollectiveKind.ReduceScatter when Operation != ReduceOperation.Sum =>
                $"{title} ({Operation.ToString().ToLowerInvariant()})",
            _ => title,
        };
    }
}
