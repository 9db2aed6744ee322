using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// The forward pass for one query a sequence: every key and value is used by few rows, so it is read once, in the order
/// of memory, for all heads together. A work item is a range of keys of one sequence; a second launch combines the
/// ranges in their order (Dao et al., 2023, Flash-Decoding).
/// </summary>
internal static unsafe class AttentionDecode
{
    /// <summary>Keys whose scores are kept at a time.</summary>
    private const int Block = 128;

    /// <summary>Ranges of keys over all sequences, where there are enough keys.</summary>
    private const int TargetItems = 32;

    public static int Items(in AttentionJob job) => job.A.Batch * Ranges(job);

    public static int ScratchFloats(in AttentionJob job) => 2 * Math.Max(Partial(job) * Items(job), job.A.Heads * Block);

    /// <summary>The ranges a sequence's visible keys are cut into.</summary>
    private static int Ranges(in AttentionJob job)
    {
        int most = Math.Max(1, Math.Min(TargetItems, job.Slot / 2 / Partial(job)) / job.A.Batch);
        return Math.Clamp((job.EndKey(0) - job.FirstKey(0)) / Block, 1, most);
    }

    /// <summary>Floats of one range's sums: for each head the output, the lanes of the softmax's sum, its maximum.</summary>
    private static int Partial(in AttentionJob job) => job.A.Heads * HeadFloats(job);

    private static int HeadFloats(in AttentionJob job) => job.Width + 2 * Simd.Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in AttentionJob job, int item, int part)
    {
        int ranges = Ranges(job), b = item / ranges, range = item % ranges;
        int begin = job.FirstKey(0), blocks = (job.EndKey(0) - begin + Block - 1) / Block;
        int first = begin + blocks * range / ranges * Block, end = Math.Min(job.EndKey(0), begin + blocks * (range + 1) / ranges * Block);
        float* partial = job.Scratch + (nint)item * Partial(job), scores = job.Scratch + (nint)part * job.Slot + job.Slot / 2;
        for (int head = 0; head < job.A.Heads; head++)
        {
            float* sums = partial + head * HeadFloats(job);
            new Span<float>(sums, HeadFloats(job)).Clear();
            *Maximum(job, sums) = float.NegativeInfinity;
        }
        for (int key = first; key < end; key += Block)
        {
            int keys = Math.Min(Block, end - key);
            Scores(job, b, key, keys, scores);
            for (int head = 0; head < job.A.Heads; head++) Softmax(job, scores + head * Block, keys, partial + head * HeadFloats(job));
            AddValues(job, b, key, keys, scores, partial);
        }
    }

    /// <summary>Output and LogSumExp of one head of one sequence from its ranges.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(in AttentionJob job, int row)
    {
        int b = row / job.A.Heads, head = row % job.A.Heads, ranges = Ranges(job);
        float* first = job.Scratch + (nint)b * ranges * Partial(job) + head * HeadFloats(job);
        float maximum = float.NegativeInfinity, sum = 0;
        for (int i = 0; i < ranges; i++) maximum = Math.Max(maximum, *Maximum(job, first + (nint)i * Partial(job)));
        for (int i = 0; i < ranges; i++)
        {
            float* sums = first + (nint)i * Partial(job);
            float weight = maximum == float.NegativeInfinity ? 0 : Simd.Exp2(*Maximum(job, sums) - maximum);
            *Maximum(job, sums) = weight;
            sum += weight * Simd.Sum(*Sum(job, sums));
        }
        Vector512<float> inverse = Simd.Splat(sum == 0 ? 0 : 1 / sum);
        float* output = job.Output(b, head, 0);
        for (int d = 0; d < job.A.HeadSize; d += Simd.Width)
        {
            Vector512<float> total = default;
            for (int i = 0; i < ranges; i++)
            {
                float* sums = first + (nint)i * Partial(job);
                total = Simd.Fma(Simd.Splat(*Maximum(job, sums)), Simd.Load(sums + d), total);
            }
            Simd.Store(output + d, total * inverse, job.A.HeadSize - d);
        }
        if (job.A.LogSumExp != null)
            job.A.LogSumExp[job.Row(b, head, 0)] = sum == 0 ? float.NegativeInfinity : maximum * AttentionJob.Ln2 + Simd.Log(sum);
    }

    private static Vector512<float>* Sum(in AttentionJob job, float* sums) => (Vector512<float>*)(sums + job.Width);

    private static float* Maximum(in AttentionJob job, float* sums) => sums + job.Width + Simd.Width;

    /// <summary>scores[head, key] = query key, four keys at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scores(in AttentionJob job, int b, int key, int keys, float* scores)
    {
        int size = job.A.HeadSize, group = job.Group, keyHeads = job.A.KeyHeads;
        var rows = new FourRows(job.Key(b, 0, key), job.A.KeyStride, keys);
        for (int s = 0; s < keys; s += 4)
        {
            rows.MoveTo(s);
            float* query = job.Query(b, 0, 0), to = scores + s;
            for (int keyHead = 0; keyHead < keyHeads; keyHead++, rows.Skip(size))
            {
                rows.Prefetch(size);
                for (int i = 0; i < group; i++, query += size, to += Block) *(Vector128<float>*)to = Dot(query, rows, size);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Dot(float* query, in FourRows k, int size)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        int d = 0;
        for (; d + Simd.Width <= size; d += Simd.Width)
        {
            Vector512<float> q = Simd.Load(query + d);
            a0 = Simd.Fma(q, Simd.Load(k.Row0 + d), a0);
            a1 = Simd.Fma(q, Simd.Load(k.Row1 + d), a1);
            a2 = Simd.Fma(q, Simd.Load(k.Row2 + d), a2);
            a3 = Simd.Fma(q, Simd.Load(k.Row3 + d), a3);
        }
        if (d < size)
        {
            int count = size - d;
            Vector512<float> q = Simd.Load(query + d, count);
            a0 = Simd.Fma(q, Simd.Load(k.Row0 + d, count), a0);
            a1 = Simd.Fma(q, Simd.Load(k.Row1 + d, count), a1);
            a2 = Simd.Fma(q, Simd.Load(k.Row2 + d, count), a2);
            a3 = Simd.Fma(q, Simd.Load(k.Row3 + d, count), a3);
        }
        return Vector128.Create(Simd.Sum(a0), Simd.Sum(a1), Simd.Sum(a2), Simd.Sum(a3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax(in AttentionJob job, float* scores, int keys, float* sums)
    {
        int end = AttentionJob.RoundUp(keys, Simd.Width);
        float factor = job.Factor;
        if (job.A.SoftCap > 0)
        {
            OnlineSoftmax.Cap(scores, Block, 1, 0, end, factor, job.A.SoftCap);
            factor = 1;
        }
        float rescale = OnlineSoftmax.AddBlock(scores, 0, end, 0, keys, factor, ref *Maximum(job, sums), ref *Sum(job, sums));
        if (rescale == 1) return;
        for (int d = 0; d < job.Width; d += Simd.Width) Simd.Store(sums + d, Simd.Load(sums + d) * Simd.Splat(rescale));
    }

    /// <summary>Each head's output += its probabilities times the values, four keys at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddValues(in AttentionJob job, int b, int key, int keys, float* scores, float* partial)
    {
        int size = job.A.HeadSize, group = job.Group, keyHeads = job.A.KeyHeads, next = HeadFloats(job);
        var rows = new FourRows(job.Value(b, 0, key), job.A.ValueStride, keys);
        for (int s = 0; s < keys; s += 4)
        {
            rows.MoveTo(s);
            float* output = partial, p = scores + s; // zero beyond the keys
            for (int keyHead = 0; keyHead < keyHeads; keyHead++, rows.Skip(size))
            {
                rows.Prefetch(size);
                for (int i = 0; i < group; i++, output += next, p += Block) AddRows(p, rows, size, output);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows(float* p, in FourRows v, int size, float* output)
    {
        Vector512<float> p0 = Simd.Splat(p[0]), p1 = Simd.Splat(p[1]), p2 = Simd.Splat(p[2]), p3 = Simd.Splat(p[3]);
        int d = 0;
        for (; d + Simd.Width <= size; d += Simd.Width)
        {
            Vector512<float> sum = Simd.Fma(p0, Simd.Load(v.Row0 + d), Simd.Load(output + d));
            sum = Simd.Fma(p1, Simd.Load(v.Row1 + d), sum);
            sum = Simd.Fma(p2, Simd.Load(v.Row2 + d), sum);
            Simd.Store(output + d, Simd.Fma(p3, Simd.Load(v.Row3 + d), sum));
        }
        if (d < size)
        {
            int count = size - d;
            Vector512<float> sum = Simd.Fma(p0, Simd.Load(v.Row0 + d, count), Simd.Load(output + d));
            sum = Simd.Fma(p1, Simd.Load(v.Row1 + d, count), sum);
            sum = Simd.Fma(p2, Simd.Load(v.Row2 + d, count), sum);
            Simd.Store(output + d, Simd.Fma(p3, Simd.Load(v.Row3 + d, count), sum));
        }
    }

    /// <summary>Four tokens of a cache; the last ones repeat the first where there are fewer.</summary>
    private struct FourRows(float* first, nint stride, int count)
    {
        /// <summary>A page's worth: the hardware does not fetch beyond a page, and a token may well be as long as one.</summary>
        private const int AheadFloats = 2048;

        private readonly nint _ahead = Math.Max(4 * stride, (AheadFloats + stride - 1) / stride * stride);

        public float* Row0, Row1, Row2, Row3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MoveTo(int s)
        {
            Row0 = first + s * stride;
            Row1 = s + 1 < count ? Row0 + stride : Row0;
            Row2 = s + 2 < count ? Row0 + 2 * stride : Row0;
            Row3 = s + 3 < count ? Row0 + 3 * stride : Row0;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Skip(int floats)
        {
            Row0 += floats;
            Row1 += floats;
            Row2 += floats;
            Row3 += floats;
        }

        /// <summary>Asks for the same elements of tokens further on.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Prefetch(int floats)
        {
            if (!Sse.IsSupported) return;
            for (int i = 0; i < floats; i += Simd.Width)
            {
                Sse.Prefetch0(Row0 + _ahead + i);
                Sse.Prefetch0(Row1 + _ahead + i);
                Sse.Prefetch0(Row2 + _ahead + i);
                Sse.Prefetch0(Row3 + _ahead + i);
            }
        }
    }
}
