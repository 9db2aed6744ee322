namespace ModelDsl.Runtime.Collectives;

/// <summary>A job of one rank: no library, nothing to wait for; what would come from all ranks is what this one has.</summary>
public sealed unsafe class SingleRank(CommunicatorOptions? options = null)
    : Communicator(0, 1, options ?? new(), new CallLog(1))
{
    private protected override void AllReduce(in CollectiveCall call, void* values) { }

    private protected override void ReduceScatter(in CollectiveCall call, void* source, void* destination) => Copy(call, source, destination);

    private protected override void AllGather(in CollectiveCall call, void* source, void* destination) => Copy(call, source, destination);

    private protected override void Broadcast(in CollectiveCall call, void* values) { }

    private protected override void Barrier(in CollectiveCall call) { }

    // There is no other rank: the base class has refused these.
    private protected override void Send(in CollectiveCall call, void* source) { }
    private protected override void Receive(in CollectiveCall call, void* destination) { }

    private protected override void OnBeginGroup() { }
    private protected override void OnEndGroup() { }
    private protected override void Release(bool inOrder) { }

    private static void Copy(in CollectiveCall call, void* source, void* destination)
    {
        if (source != destination)
            Buffer.MemoryCopy(source, destination, call.Bytes, call.Bytes);
    }
}
