using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// The backward pass (Dao, 2023). A work item is one key head of one sequence with the query heads that share it: for
/// each block of keys, every block of queries that sees it, head after head. With P the probabilities,
/// dV = P^T dO, dP = dO V^T, dS = P (dP - rowsum(dO O)), dK = scale dS^T Q, dQ = scale dS K.
/// </summary>
internal static unsafe class AttentionBackward
{
    private const int QueryBlock = 96;

    public static int Items(in AttentionJob job) => job.A.Batch * job.A.KeyHeads;

    public static int ScratchFloats(in AttentionJob job) => new Scratch(job, null).Floats;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in AttentionJob job, int item, float* memory)
    {
        int b = item / job.A.KeyHeads, keyHead = item % job.A.KeyHeads;
        var scratch = new Scratch(job, memory);
        BeginQueries(job, new QueryRows
        {
            Batch = b, FirstHead = keyHead * job.Group, Queries = job.A.QueryLength, Count = job.Group * job.A.QueryLength,
        });
        for (int key = 0; key < job.A.KeyLength; key += FlashAttention.KeyBlock)
        {
            int keys = Math.Min(FlashAttention.KeyBlock, job.A.KeyLength - key);
            scratch.Begin(job, b, keyHead, key, keys);
            for (int head = keyHead * job.Group; head < (keyHead + 1) * job.Group; head++)
                for (int t = 0; t < job.A.QueryLength; t += QueryBlock)
                {
                    int queries = Math.Min(QueryBlock, job.A.QueryLength - t);
                    var rows = new QueryRows { Batch = b, FirstHead = head, FirstQuery = t, Queries = queries, Count = queries };
                    (int lo, int hi) = rows.Visible(job, 0, queries, key, keys);
                    if (lo < hi) AddQueries(job, ref scratch, rows, key, keys);
                }
            scratch.End(job, b, keyHead, key, keys);
        }
    }

    /// <summary>Zeroes dQ and computes rowsum(dO O).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BeginQueries(in AttentionJob job, in QueryRows rows)
    {
        for (int row = 0; row < rows.Count; row++)
        {
            new Span<float>(rows.At(job, job.Gradients.Query, job.Gradients.QueryStride, row), job.A.HeadSize).Clear();
            job.Gradients.Scratch[job.Row(rows.Batch, rows.HeadOf(row), rows.QueryOf(row))] = Dot(
                rows.At(job, job.Gradients.Output, job.Gradients.OutputStride, row),
                rows.At(job, job.A.Output, job.A.OutputStride, row), job.A.HeadSize);
        }
    }

    /// <summary>One block of queries meets one block of keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddQueries(in AttentionJob job, ref Scratch scratch, in QueryRows rows, int key, int keys)
    {
        int width = job.Width, tileRows = job.Tile.Rows;
        float* query = rows.At(job, job.A.Query, job.A.QueryStride, 0);
        float* outputGradient = rows.At(job, job.Gradients.Output, job.Gradients.OutputStride, 0);
        scratch.QueryPanels.Pack(job.Tile, query, job.A.QueryStride, rows.Count, job.A.HeadSize);
        scratch.OutputPanels.Pack(job.Tile, outputGradient, job.Gradients.OutputStride, rows.Count, job.A.HeadSize);

        for (int row = 0; row < rows.Count; row += tileRows)
            Scores(job, ref scratch, rows, row, key, keys);
        for (int j = 0; j < keys; j += tileRows)
        {
            (int first, int end) = scratch.RowsThatSee(j, Math.Min(j + tileRows, keys), rows.Count, tileRows);
            if (first >= end) continue;
            int depth = end - first;
            float* p = scratch.Probability + first * Scratch.ScoreStride + j, s = scratch.Score + first * Scratch.ScoreStride + j;
            scratch.OutputPanels.Multiply(
                job.Tile, p, 1, Scratch.ScoreStride, first, depth, scratch.ValueGradient + j * width, width, true, 0, width);
            scratch.QueryPanels.Multiply(
                job.Tile, s, 1, Scratch.ScoreStride, first, depth, scratch.KeyGradient + j * width, width, true, 0, width);
        }
    }

    /// <summary>P and dS of one tile of rows, and what dS adds to dQ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scores(in AttentionJob job, ref Scratch scratch, in QueryRows rows, int row, int key, int keys)
    {
        int count = Math.Min(job.Tile.Rows, rows.Count - row), tile = row / job.Tile.Rows;
        (int lo, int hi) = rows.Visible(job, row, count, key, keys);
        scratch.VisibleBegin[tile] = lo;
        scratch.VisibleEnd[tile] = hi;
        if (lo >= hi) return;
        float* p = scratch.Probability + row * Scratch.ScoreStride, s = scratch.Score + row * Scratch.ScoreStride;
        float* query = rows.Tile(job, job.A.Query, job.A.QueryStride, row, scratch.Spare, out nint stride);
        scratch.KeyTransposed.Multiply(
            job.Tile, query, stride, 1, 0, job.A.HeadSize, p, Scratch.ScoreStride, false, lo, hi);
        float* outputGradient = rows.Tile(job, job.Gradients.Output, job.Gradients.OutputStride, row, scratch.Spare, out stride);
        scratch.ValueTransposed.Multiply(
            job.Tile, outputGradient, stride, 1, 0, job.A.HeadSize, s, Scratch.ScoreStride, false, lo, hi);
        for (int i = 0; i < count; i++)
        {
            int t = rows.QueryOf(row + i);
            nint place = job.Row(rows.Batch, rows.FirstHead, t);
            var limits = (Math.Max(0, job.FirstKey(t) - key), Math.Min(keys, job.EndKey(t) - key));
            SoftmaxGradient.Row(
                p + i * Scratch.ScoreStride, s + i * Scratch.ScoreStride, Scratch.ScoreStride, limits,
                job.Factor, job.A.SoftCap, job.A.LogSumExp[place] * AttentionJob.Log2E, job.Gradients.Scratch[place]);
        }
        AddToQueryGradient(job, scratch, rows, row, count, s + lo, lo, hi);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddToQueryGradient(
        in AttentionJob job, in Scratch scratch, in QueryRows rows, int row, int count, float* s, int lo, int hi)
    {
        float* to = rows.At(job, job.Gradients.Query, job.Gradients.QueryStride, row);
        bool direct = count == job.Tile.Rows && job.A.HeadSize == job.Width;
        scratch.KeyPanels.Multiply(
            job.Tile, s, Scratch.ScoreStride, 1, lo, hi - lo,
            direct ? to : scratch.Spare, direct ? job.Gradients.QueryStride : job.Width, direct, 0, job.Width);
        if (direct) return;
        for (int i = 0; i < count; i++, to += job.Gradients.QueryStride)
            for (int d = 0; d < job.A.HeadSize; d++) to[d] += scratch.Spare[i * job.Width + d];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(float* x, float* y, int count)
    {
        Vector512<float> sum = default;
        for (int i = 0; i < count; i += Simd.Width) sum = Simd.Fma(Simd.Load(x + i, count - i), Simd.Load(y + i, count - i), sum);
        return Simd.Sum(sum);
    }

    private struct Scratch
    {
        /// <summary>Floats from one row of P or dS to the next: a tile of key rows may reach beyond the block.</summary>
        public const int ScoreStride = FlashAttention.KeyBlock + Simd.Width;

        /// <summary>[HeadSize, keys]; [HeadSize, keys]; [keys, Width], times the scale of dQ.</summary>
        public Panels KeyTransposed, ValueTransposed, KeyPanels;
        /// <summary>[queries, Width].</summary>
        public Panels QueryPanels, OutputPanels;
        /// <summary>[queries, ScoreStride]: P and dS.</summary>
        public float* Probability, Score;
        /// <summary>[keys, Width].</summary>
        public float* KeyGradient, ValueGradient;
        /// <summary>[rows of a tile, Width].</summary>
        public float* Spare;
        /// <summary>The keys that each tile of rows sees.</summary>
        public int* VisibleBegin, VisibleEnd;
        public int Floats;

        public Scratch(in AttentionJob job, float* memory)
        {
            int tile = job.Tile.Rows, keyRows = FlashAttention.KeyBlock + tile, queryRows = QueryBlock + tile, width = job.Width;
            float* p = memory;
            KeyTransposed.Data = p; p += FlashAttention.KeyBlock * width;
            ValueTransposed.Data = p; p += FlashAttention.KeyBlock * width;
            KeyPanels.Data = p; p += FlashAttention.KeyBlock * width;
            QueryPanels.Data = p; p += QueryBlock * width;
            OutputPanels.Data = p; p += QueryBlock * width;
            Probability = p; p += queryRows * ScoreStride;
            Score = p; p += queryRows * ScoreStride;
            KeyGradient = p; p += keyRows * width;
            ValueGradient = p; p += keyRows * width;
            Spare = p; p += tile * width;
            VisibleBegin = (int*)p; p += queryRows;
            VisibleEnd = (int*)p; p += queryRows;
            Floats = (int)(p - memory);
        }

        public void Begin(in AttentionJob job, int b, int keyHead, int key, int keys)
        {
            float* k = job.Key(b, keyHead, key);
            KeyTransposed.PackTransposed(job.Tile, k, job.A.KeyStride, job.A.HeadSize, keys);
            ValueTransposed.PackTransposed(job.Tile, job.Value(b, keyHead, key), job.A.ValueStride, job.A.HeadSize, keys);
            KeyPanels.Pack(job.Tile, k, job.A.KeyStride, keys, job.A.HeadSize);
            KeyPanels.Scale(job.A.Scale);
            new Span<float>(KeyGradient, keys * job.Width).Clear();
            new Span<float>(ValueGradient, keys * job.Width).Clear();
        }

        public readonly void End(in AttentionJob job, int b, int keyHead, int key, int keys)
        {
            nint token = (nint)b * job.A.KeyLength + key;
            float* dk = job.Gradients.Key + token * job.Gradients.KeyStride + (nint)keyHead * job.A.HeadSize;
            float* dv = job.Gradients.Value + token * job.Gradients.ValueStride + (nint)keyHead * job.A.HeadSize;
            Vector512<float> scale = Simd.Splat(job.A.Scale);
            for (int s = 0; s < keys; s++, dk += job.Gradients.KeyStride, dv += job.Gradients.ValueStride)
                for (int i = 0; i < job.A.HeadSize; i += Simd.Width)
                {
                    int count = job.A.HeadSize - i;
                    Simd.Store(dk + i, Simd.Load(KeyGradient + s * job.Width + i) * scale, count);
                    Simd.Store(dv + i, Simd.Load(ValueGradient + s * job.Width + i), count);
                }
        }

        /// <summary>The rows, in whole tiles, that see a key of [begin, end).</summary>
        public readonly (int First, int End) RowsThatSee(int begin, int end, int rows, int tileRows)
        {
            int first = rows, last = 0;
            for (int row = 0, tile = 0; row < rows; row += tileRows, tile++)
                if (VisibleBegin[tile] < end && VisibleEnd[tile] > begin)
                {
                    first = Math.Min(first, row);
                    last = Math.Min(rows, row + tileRows);
                }
            return (first, last);
        }
    }
}
