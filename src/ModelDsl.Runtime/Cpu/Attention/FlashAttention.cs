using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Attention in tiles of queries and keys, with no matrix of scores (Dao, 2023, FlashAttention-2): the sums of the
/// softmax are kept online in the forward pass, the probabilities computed again from LogSumExp in the backward pass.
/// </summary>
/// <remarks>
/// The work is cut at places that follow from the sizes alone, and one work item computes each result, so the bits do
/// not depend on the threads.
/// </remarks>
internal static unsafe class FlashAttention
{
    /// <summary>Keys of a tile. Its panels of K and V stay in the first- or second-level cache.</summary>
    public const int KeyBlock = 144;

    /// <param name="scratch">One slot for each thread of the pool, <paramref name="slot"/> floats long.</param>
    public static void Forward(WorkerPool pool, in GemmTile tile, float* scratch, int slot, in AttentionArguments arguments)
    {
        Check(arguments);
        if (arguments.Batch == 0 || arguments.QueryLength == 0) return;
        var job = new AttentionJob(arguments, tile, scratch, slot);
        bool decode = arguments.QueryLength == 1;
        CheckScratch(job, decode ? AttentionDecode.ScratchFloats(job) : AttentionForward.ScratchFloats(job));
        job.Items = decode ? AttentionDecode.Items(job) : AttentionForward.Items(job);
        void* state = Unsafe.AsPointer(ref job);
        pool.Run(decode ? &DecodePart : &ForwardPart, state, Math.Min(pool.Threads, job.Items));
        if (!decode) return;
        job.Items = arguments.Batch * arguments.Heads;
        job.Taken = 0;
        pool.Run(&CombinePart, state, Math.Min(pool.Threads, job.Items));
    }

    /// <param name="scratch">One slot for each thread of the pool, <paramref name="slot"/> floats long.</param>
    public static void Backward(
        WorkerPool pool, in GemmTile tile, float* scratch, int slot, in AttentionArguments arguments, in AttentionGradients gradients)
    {
        Check(arguments);
        var job = new AttentionJob(arguments, tile, scratch, slot) { Gradients = gradients };
        CheckScratch(job, AttentionBackward.ScratchFloats(job));
        job.Items = AttentionBackward.Items(job);
        pool.Run(&BackwardPart, Unsafe.AsPointer(ref job), Math.Min(pool.Threads, job.Items));
    }

    private static void ForwardPart(void* state, int part)
    {
        ref AttentionJob job = ref *(AttentionJob*)state;
        for (int item; (item = Interlocked.Increment(ref job.Taken) - 1) < job.Items;)
            AttentionForward.Run(job, item, job.Scratch + (nint)part * job.Slot);
    }

    private static void DecodePart(void* state, int part)
    {
        ref AttentionJob job = ref *(AttentionJob*)state;
        for (int item; (item = Interlocked.Increment(ref job.Taken) - 1) < job.Items;)
            AttentionDecode.Run(job, item, part);
    }

    private static void CombinePart(void* state, int part)
    {
        ref AttentionJob job = ref *(AttentionJob*)state;
        for (int row; (row = Interlocked.Increment(ref job.Taken) - 1) < job.Items;)
            AttentionDecode.Combine(job, row);
    }

    private static void BackwardPart(void* state, int part)
    {
        ref AttentionJob job = ref *(AttentionJob*)state;
        for (int item; (item = Interlocked.Increment(ref job.Taken) - 1) < job.Items;)
            AttentionBackward.Run(job, item, job.Scratch + (nint)part * job.Slot);
    }

    private static void Check(in AttentionArguments a)
    {
        if (a.KeyHeads <= 0 || a.Heads % a.KeyHeads != 0)
            throw new ArgumentException($"{a.Heads} query heads cannot share {a.KeyHeads} key heads evenly.");
        if (a.Causal && a.QueryStart + a.QueryLength > a.KeyLength)
            throw new ArgumentException(
                $"Queries up to position {a.QueryStart + a.QueryLength - 1} need as many keys, but there are {a.KeyLength}.");
        if (!(a.Scale >= 0))
            throw new ArgumentException($"The scale of the scores is {a.Scale}; it must not be negative.");
    }

    private static void CheckScratch(in AttentionJob job, int need)
    {
        if (need > job.Slot)
            throw new ArgumentException($"A head of {job.A.HeadSize} elements is larger than this device's tiles allow.");
    }
}
