namespace ModelDsl.Runtime.Cpu;

/// <summary>Rows of a work item: some heads times some queries of one sequence, the queries of a head side by side.</summary>
internal unsafe struct QueryRows
{
    public int Batch, FirstHead, FirstQuery, Queries, Count;

    public readonly int HeadOf(int row) => FirstHead + row / Queries;

    public readonly int QueryOf(int row) => FirstQuery + row % Queries;

    /// <summary>The keys of a block, counted from its first, that at least one of these rows sees.</summary>
    public readonly (int Begin, int End) Visible(in AttentionJob job, int row, int rows, int key, int keys)
    {
        int first = row % Queries, last = first + rows - 1;
        if (last >= Queries) (first, last) = (0, Queries - 1); // more than one head
        return (Math.Max(0, job.FirstKey(FirstQuery + first) - key), Math.Min(keys, job.EndKey(FirstQuery + last) - key));
    }

    /// <summary>
    /// The rows of a tile in [B * Tq, stride] of queries or of what is laid out like them: where they stand if they
    /// stand evenly, else copied to <paramref name="spare"/>, [rows of a tile, Width], with zeros for rows that are not.
    /// </summary>
    public readonly float* Tile(in AttentionJob job, float* tensor, int stride, int row, float* spare, out nint tileStride)
    {
        int tileRows = job.Tile.Rows;
        if (row + tileRows <= Count && row / Queries == (row + tileRows - 1) / Queries)
        {
            tileStride = stride;
            return At(job, tensor, stride, row);
        }
        for (int i = 0; i < tileRows; i++)
        {
            var to = new Span<float>(spare + i * job.Width, job.A.HeadSize);
            if (row + i < Count) new Span<float>(At(job, tensor, stride, row + i), job.A.HeadSize).CopyTo(to);
            else to.Clear();
        }
        tileStride = job.Width;
        return spare;
    }

    /// <summary>A row's head in [B * Tq, stride].</summary>
    public readonly float* At(in AttentionJob job, float* tensor, int stride, int row) =>
        tensor + ((nint)Batch * job.A.QueryLength + QueryOf(row)) * stride + (nint)HeadOf(row) * job.A.HeadSize;
}
