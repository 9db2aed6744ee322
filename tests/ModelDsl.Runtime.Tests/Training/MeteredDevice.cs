using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Training;

/// <summary>A device that counts the memory it has lent, and may run out.</summary>
internal sealed class MeteredDevice(long capacity = long.MaxValue) : Device
{
    private readonly CpuDevice _device = new(1);

    public override string Name => "metered";

    public List<long> Lent { get; } = [];

    public long InUse { get; private set; }

    public override DeviceMemory Allocate(long bytes)
    {
        if (InUse + bytes > capacity)
            throw new InsufficientDeviceMemoryException($"{bytes} bytes are wanted.");
        InUse += bytes;
        Lent.Add(bytes);
        return new Lease(this, new CpuMemory(bytes));
    }

    public override void Launch<TKernel>(in TKernel kernel, int rows) => _device.Launch(kernel, rows);

    public override void MatMul<TEpilogue>(int m, int n, int k, Matrix a, Matrix b, Matrix c, bool accumulate, in TEpilogue epilogue) =>
        throw new NotSupportedException();

    public override void Attention(in AttentionArguments arguments) => throw new NotSupportedException();

    public override void AttentionBackward(in AttentionArguments arguments, in AttentionGradients gradients) =>
        throw new NotSupportedException();

    public override unsafe float ReadFloat(float* source) => _device.ReadFloat(source);

    public override void Dispose() => _device.Dispose();

    private sealed unsafe class Lease(MeteredDevice device, CpuMemory memory) : DeviceMemory
    {
        public override void* Pointer => memory.Pointer;

        public override long Bytes => memory.Bytes;

        public override void Write(long offset, ReadOnlySpan<byte> source) => memory.Write(offset, source);

        public override void Read(long offset, Span<byte> destination) => memory.Read(offset, destination);

        public override void Dispose()
        {
            device.InUse -= memory.Bytes;
            memory.Dispose();
        }
    }
}
