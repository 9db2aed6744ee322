using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>The processor's cores: a worker pool, the matrix product and the attention in SIMD C#.</summary>
public sealed unsafe class CpuDevice : Device
{
    // Rows of a launch are cut into at most this many blocks, at places that follow from the number of rows alone.
    private const int MaxBlocks = 64;

    private readonly GemmTile _tile;
    private readonly HostPages _scratch;
    private readonly Lock _turn = new(); // held by whoever uses the scratch
    private bool _disposed;

    /// <param name="threads">0 is one for each processor.</param>
    public CpuDevice(int threads = 0) : this(threads, CpuInfo.BestIsa) { }

    /// <summary>With kernels of a lesser instruction set than this processor's, for tests.</summary>
    internal CpuDevice(int threads, CpuIsa isa)
    {
        Pool = new WorkerPool(threads);
        _tile = GemmTile.ForIsa(isa);
        _scratch = HostPages.Allocate((long)Pool.Threads * Gemm.ScratchFloats * sizeof(float));
        Name = $"CPU, {Pool.Threads} {(Pool.Threads == 1 ? "thread" : "threads")}, {isa}, {CpuInfo.Name}";
    }

    /// <summary>The threads end, which a device that nobody disposed of would otherwise leave parked.</summary>
    ~CpuDevice()
    {
        Pool?.Stop();
        _scratch.Free();
    }

    public override string Name { get; }

    public WorkerPool Pool { get; }

    public override DeviceMemory Allocate(long bytes) => new CpuMemory(bytes);

    public override void Launch<TKernel>(in TKernel kernel, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (rows == 0)
            return;
        TKernel copy = kernel;
        int blockRows = (rows - 1) / MaxBlocks + 1;
        var launch = new RowLaunch { Kernel = &copy, Rows = rows, BlockRows = blockRows };
        Pool.Run(&RunRows<TKernel>, &launch, (rows - 1) / blockRows + 1);
        GC.KeepAlive(this);
    }

    public override void MatMul<TEpilogue>(
        int m, int n, int k, Matrix a, Matrix b, Matrix c, bool accumulate, in TEpilogue epilogue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(m);
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        if (c.Transposed)
            throw new ArgumentException("C cannot be transposed: swap and transpose the operands instead.", nameof(c));
        if (m == 0 || n == 0)
            return;
        TEpilogue copy = epilogue;
        var job = new GemmJob { M = m, N = n, K = k, A = a, B = b, C = c, Accumulate = accumulate };
        if (typeof(TEpilogue) != typeof(NoEpilogue))
        {
            job.Epilogue = &ApplyEpilogue<TEpilogue>;
            job.EpilogueState = &copy;
        }
        lock (_turn)
            Gemm.Run(Pool, _tile, Scratch(), ref job);
        GC.KeepAlive(this);
    }

    public override void Attention(in AttentionArguments arguments)
    {
        lock (_turn)
            FlashAttention.Forward(Pool, _tile, Scratch(), Gemm.ScratchFloats, arguments);
        GC.KeepAlive(this);
    }

    public override void AttentionBackward(in AttentionArguments arguments, in AttentionGradients gradients)
    {
        lock (_turn)
            FlashAttention.Backward(Pool, _tile, Scratch(), Gemm.ScratchFloats, arguments, gradients);
        GC.KeepAlive(this);
    }

    public override float ReadFloat(float* source) => *source;

    public override double MeasurePeakFlops() => PeakFlops.Measure(Pool.Threads);

    public override void Dispose()
    {
        lock (_turn)
        {
            if (_disposed)
                return;
            _disposed = true;
            _scratch.Free();
        }
        Pool.Dispose();
        GC.SuppressFinalize(this);
    }

    private float* Scratch()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return (float*)_scratch.Pointer;
    }

    private static void RunRows<TKernel>(void* state, int block) where TKernel : unmanaged, IRowKernel
    {
        var launch = (RowLaunch*)state;
        int begin = block * launch->BlockRows;
        ((TKernel*)launch->Kernel)->Run(begin, Math.Min(launch->Rows, begin + launch->BlockRows));
    }

    private static void ApplyEpilogue<TEpilogue>(void* state, int row, int rows, int column, int columns)
        where TEpilogue : unmanaged, IEpilogue => ((TEpilogue*)state)->Apply(row, rows, column, columns);

    private struct RowLaunch
    {
        public void* Kernel;
        public int Rows, BlockRows;
    }
}
