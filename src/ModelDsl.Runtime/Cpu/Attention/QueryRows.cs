using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>Rows of a work item: some heads times some queries of one sequence, the queries of a head side by side.</summary>
internal unsafe struct QueryRows
{
    public int Batch, FirstHead, FirstQuery, Queries, Count;

    public readonly int HeadOf(int row) => FirstHead + row / Queries;

    public readonly int QueryOf(int row) => FirstQuery + row % Queries;

    /// <summary>The keys of a block, counted from its first, that at least one of these rows sees.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly (int Begin, int End) Visible(in AttentionJob job, int row, int rows, int key, int keys)
    {
        int begin = keys, end = 0;
        for (int i = row; i < row + rows; i++)
        {
            int t = QueryOf(i);
            begin = Math.Min(begin, job.FirstKey(t) - key);
            end = Math.Max(end, job.EndKey(t) - key);
        }
        return (Math.Max(begin, 0), Math.Min(end, keys));
    }

    /// <summary>Copies the queries to [rows, Width], the rows that complete the last tile zero.</summary>
    public readonly void Copy(in AttentionJob job, float* to)
    {
        for (int first = 0; first < Count; first += Queries, to += (nint)Queries * job.Width)
            CopyHead(job, job.Query(Batch, HeadOf(first), FirstQuery), job.A.QueryStride, to);
        new Span<float>(to, (job.RoundUpToTile(Count) - Count) * job.Width).Clear();
    }

    /// <summary>The same for rows of one head, which begin at <paramref name="from"/>.</summary>
    public readonly void Copy(in AttentionJob job, float* from, int stride, float* to)
    {
        CopyHead(job, from, stride, to);
        new Span<float>(to + (nint)Count * job.Width, (job.RoundUpToTile(Count) - Count) * job.Width).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void CopyHead(in AttentionJob job, float* from, int stride, float* to)
    {
        int size = job.A.HeadSize, width = job.Width;
        for (int row = 0; row < Queries; row++, from += stride, to += width)
            for (int i = 0; i < width; i += Simd.Width) Simd.Store(to + i, Simd.Load(from + i, size - i));
    }
}
