namespace ModelDsl.Runtime.Collectives;

/// <summary>What ranks do together.</summary>
public enum CollectiveKind : byte
{
    None,
    /// <summary>The library connects the ranks, before their first call.</summary>
    Connect,
    AllReduce, ReduceScatter, AllGather, Broadcast, Barrier, Send, Receive,
}
