namespace ModelDsl.Runtime.Cpu;

/// <summary>Destination[row] = 0, in rows of Columns contiguous elements.</summary>
public unsafe struct FillZero : IRowKernel
{
    public float* Destination;
    public int Columns;

    public readonly void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++) new Span<float>(Destination + (long)row * Columns, Columns).Clear();
    }
}

/// <summary>The same, unless Accumulate: then what stands there stays, to be added to.</summary>
public unsafe struct FillZeroOrKeep : IRowKernel
{
    public float* Destination;
    public int Columns;
    public bool Accumulate;

    public readonly void Run(int begin, int end)
    {
        if (!Accumulate) new FillZero { Destination = Destination, Columns = Columns }.Run(begin, end);
    }
}
