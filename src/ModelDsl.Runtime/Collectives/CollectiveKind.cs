namespace ModelDsl.Runtime.Collectives;

/// <summary>What ranks do together.</summary>
public enum CollectiveKind : byte { None, AllReduce, ReduceScatter, AllGather, Broadcast, Barrier, Send, Receive }
