using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// The forward pass. A work item is one block of queries of one sequence, for all query heads that share one key head:
/// its rows (head, query) meet every block of keys once, while the block's panels are in cache.
/// </summary>
internal static unsafe class AttentionForward
{
    private const int TargetRows = 256;

    public static int Items(in AttentionJob job) => job.A.Batch * job.A.KeyHeads * Blocks(job);

    public static int ScratchFloats(in AttentionJob job) => new Scratch(job, null).Floats;

    /// <summary>Queries in a block.</summary>
    private static int BlockQueries(in AttentionJob job) => Math.Clamp(TargetRows / job.Group, 1, Math.Max(1, job.A.QueryLength));

    private static int Blocks(in AttentionJob job) => (job.A.QueryLength + BlockQueries(job) - 1) / BlockQueries(job);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in AttentionJob job, int item, float* memory)
    {
        // Later blocks of queries see more keys: they go first, so that the threads end together.
        int heads = job.A.Batch * job.A.KeyHeads, block = Blocks(job) - 1 - item / heads, head = item % heads;
        int b = head / job.A.KeyHeads, keyHead = head % job.A.KeyHeads;
        int firstQuery = block * BlockQueries(job), queries = Math.Min(BlockQueries(job), job.A.QueryLength - firstQuery);
        var scratch = new Scratch(job, memory);
        var rows = new QueryRows
        {
            Batch = b, FirstHead = keyHead * job.Group, FirstQuery = firstQuery, Queries = queries, Count = job.Group * queries,
        };
        scratch.Clear(job, rows.Count);

        int endKey = job.EndKey(firstQuery + queries - 1);
        for (int key = job.FirstKey(firstQuery); key < endKey; key += FlashAttention.KeyBlock)
        {
            int keys = Math.Min(FlashAttention.KeyBlock, endKey - key);
            scratch.Key.PackTransposed(job.Tile, job.Key(b, keyHead, key), job.A.KeyStride, job.A.HeadSize, keys);
            scratch.Value.Pack(job.Tile, job.Value(b, keyHead, key), job.A.ValueStride, keys, job.A.HeadSize);
            for (int row = 0; row < rows.Count; row += job.Tile.Rows)
                AddKeys(job, scratch, rows, row, key, keys);
        }
        Finish(job, scratch, rows);
    }

    /// <summary>One tile of rows meets one block of keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddKeys(in AttentionJob job, in Scratch scratch, in QueryRows rows, int row, int key, int keys)
    {
        int count = Math.Min(job.Tile.Rows, rows.Count - row);
        (int lo, int hi) = rows.Visible(job, row, count, key, keys);
        if (lo >= hi) return;
        int begin = lo / Simd.Width * Simd.Width, end = AttentionJob.RoundUp(hi, Simd.Width);
        float* query = rows.Tile(job, job.A.Query, job.A.QueryStride, row, scratch.Spare, out nint stride);
        scratch.Key.Multiply(
            job.Tile, query, stride, 1, 0, job.A.HeadSize,
            scratch.Scores, FlashAttention.KeyBlock, false, lo, hi);

        float factor = job.Factor;
        if (job.A.SoftCap > 0)
        {
            OnlineSoftmax.Cap(scratch.Scores, FlashAttention.KeyBlock, count, begin, end, factor, job.A.SoftCap);
            factor = 1;
        }
        for (int i = 0; i < count; i++)
        {
            int t = rows.QueryOf(row + i);
            float rescale = OnlineSoftmax.AddBlock(
                scratch.Scores + i * FlashAttention.KeyBlock, begin, end, job.FirstKey(t) - key, Math.Min(keys, job.EndKey(t) - key), factor,
                ref scratch.Maximum[row + i], ref scratch.Sum[row + i]);
            if (rescale != 1) Multiply(scratch.Output + (nint)(row + i) * job.Width, job.Width, rescale);
        }
        scratch.Value.Multiply(
            job.Tile, scratch.Scores + begin, FlashAttention.KeyBlock, 1, begin, hi - begin,
            scratch.Output + (nint)row * job.Width, job.Width, true, 0, job.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(float* x, int count, float factor)
    {
        Vector512<float> f = Simd.Splat(factor);
        for (int i = 0; i < count; i += Simd.Width) Simd.Store(x + i, Simd.Load(x + i) * f);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish(in AttentionJob job, in Scratch scratch, in QueryRows rows)
    {
        for (int row = 0; row < rows.Count; row++)
        {
            int head = rows.HeadOf(row), t = rows.QueryOf(row);
            float sum = Simd.Sum(scratch.Sum[row]);
            Vector512<float> inverse = Simd.Splat(sum == 0 ? 0 : 1 / sum);
            float* from = scratch.Output + (nint)row * job.Width, to = job.Output(rows.Batch, head, t);
            for (int i = 0; i < job.A.HeadSize; i += Simd.Width)
                Simd.Store(to + i, Simd.Load(from + i) * inverse, job.A.HeadSize - i);
            if (job.A.LogSumExp != null)
                job.A.LogSumExp[job.Row(rows.Batch, head, t)] =
                    sum == 0 ? float.NegativeInfinity : scratch.Maximum[row] * AttentionJob.Ln2 + Simd.Log(sum);
        }
    }

    private struct Scratch
    {
        public Panels Key, Value;
        /// <summary>[rows, Width].</summary>
        public float* Output;
        /// <summary>[rows of a tile, KeyBlock] and [rows of a tile, Width].</summary>
        public float* Scores, Spare;
        /// <summary>[rows] each.</summary>
        public Vector512<float>* Sum;
        public float* Maximum;
        public int Floats;

        public Scratch(in AttentionJob job, float* memory)
        {
            int rows = job.RoundUpToTile(job.Group * BlockQueries(job)), panel = FlashAttention.KeyBlock * job.Width;
            float* p = memory;
            Key.Data = p; p += panel;
            Value.Data = p; p += panel;
            Scores = p; p += job.RoundUpToTile(1) * FlashAttention.KeyBlock;
            Spare = p; p += job.RoundUpToTile(1) * job.Width;
            Output = p; p += rows * job.Width;
            Sum = (Vector512<float>*)p; p += rows * Simd.Width;
            Maximum = p; p += rows;
            Floats = (int)(p - memory);
        }

        public readonly void Clear(in AttentionJob job, int rows)
        {
            new Span<float>(Output, job.RoundUpToTile(rows) * job.Width).Clear();
            new Span<float>(Sum, rows * Simd.Width).Clear();
            new Span<float>(Maximum, rows).Fill(float.NegativeInfinity);
        }
    }
}
