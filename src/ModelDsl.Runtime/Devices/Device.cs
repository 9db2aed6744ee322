using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime;

/// <summary>
/// Where a compiled model runs: memory, launches, a matrix product, an attention, and a few row-wise library calls.
/// The generated code is the same launch list for every device.
/// </summary>
/// <remarks>
/// Results do not depend on the number of threads: every call splits its work at places that follow from the sizes
/// alone, and every sum is taken in a fixed order.
/// </remarks>
public abstract unsafe class Device : IDisposable
{
    /// <summary>The processor's cores.</summary>
    /// <param name="threads">0 is one for each processor.</param>
    public static Device Cpu(int threads = 0) => new CpuDevice(threads);

    /// <summary>The fastest device here, one for the whole process; not to be disposed.</summary>
    public static Device Best => s_best.Value;

    private static readonly Lazy<Device> s_best = new(() => Cpu());

    /// <summary>What a person reads: the kind of the device, its units and its instruction set.</summary>
    public abstract string Name { get; }

    /// <summary>Zeroed memory, aligned to 64 bytes at least.</summary>
    /// <exception cref="InsufficientDeviceMemoryException">The device has less than <paramref name="bytes"/> free.</exception>
    public abstract DeviceMemory Allocate(long bytes);

    /// <summary>Runs <paramref name="kernel"/> over <paramref name="rows"/> independent rows.</summary>
    public abstract void Launch<TKernel>(in TKernel kernel, int rows) where TKernel : unmanaged, IRowKernel;

    /// <summary>Runs <paramref name="kernel"/> over its own number of rows.</summary>
    public void Launch<TKernel>(in TKernel kernel) where TKernel : unmanaged, ISizedRowKernel => Launch(kernel, kernel.Rows);

    /// <summary>
    /// C[m, n] = A[m, k] B[k, n], or C += where <paramref name="accumulate"/>; then the epilogue over each finished
    /// rectangle of C.
    /// </summary>
    public abstract void MatMul<TEpilogue>(
        int m, int n, int k, Matrix a, Matrix b, Matrix c, bool accumulate, in TEpilogue epilogue)
        where TEpilogue : unmanaged, IEpilogue;

    /// <summary>C[m, n] = A[m, k] B[k, n].</summary>
    public void MatMul(int m, int n, int k, Matrix a, Matrix b, Matrix c) => MatMul(m, n, k, a, b, c, false, new NoEpilogue());

    /// <summary>C = A B, or C += A B where <paramref name="accumulate"/>.</summary>
    public void MatMul(int m, int n, int k, Matrix a, Matrix b, Matrix c, bool accumulate) => MatMul(m, n, k, a, b, c, accumulate, new NoEpilogue());

    /// <summary>Softmax attention, see <see cref="AttentionArguments"/>; writes Output and LogSumExp.</summary>
    public abstract void Attention(in AttentionArguments arguments);

    /// <summary>The gradients of <see cref="Attention"/>; reads Output and LogSumExp, writes the three gradients.</summary>
    public abstract void AttentionBackward(in AttentionArguments arguments, in AttentionGradients gradients);

    /// <summary>The fp32 multiply-add peak in FLOP/s, measured; 0 where the device cannot tell.</summary>
    public virtual double MeasurePeakFlops() => 0;

    /// <summary>One number from the device's memory, once everything launched so far has ended.</summary>
    public abstract float ReadFloat(float* source);

    public abstract void Dispose();
}
