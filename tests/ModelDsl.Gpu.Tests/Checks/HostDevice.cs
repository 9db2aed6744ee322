using System.Runtime.InteropServices;

namespace ModelDsl.Gpu.Tests;

/// <summary>A device with host memory and without kernels: enough to test how checks use buffers.</summary>
internal sealed unsafe class HostDevice : GpuDevice
{
    public HostDevice() => DefaultStream = new HostStream(this);

    public override string Id => "host:0";
    public override string Name => "host memory";
    public override int ComputeCapability => 0;
    public override int Multiprocessors => 1;
    public override long TotalMemory => 1L << 30;
    public override int MaxGroupSize => 1;
    public override long MaxLocalMemory => 0;
    public override GpuStream DefaultStream { get; }
    public override GpuMemory Allocate(long bytes, string purpose) => new HostMemory(bytes, purpose);
    public override PinnedMemory AllocatePinned(long bytes) => throw new NotSupportedException();
    public override GpuStream CreateStream() => new HostStream(this);
    public override GpuEvent CreateEvent() => throw new NotSupportedException();
    public override GpuModule Compile(KernelSource source) => throw new NotSupportedException("no kernels");
    public override void MatMul(GpuStream stream, in MatMulArguments arguments) => throw new NotSupportedException();
    public override void Dispose() { }

    private sealed class HostMemory(long bytes, string purpose) : GpuMemory
    {
        private void* _pointer = NativeMemory.AllocZeroed((nuint)bytes);

        public override string Purpose => purpose;
        public override void* Pointer => _pointer;
        public override long Bytes => bytes;
        public override void Write(long offset, ReadOnlySpan<byte> source) => source.CopyTo(new Span<byte>((byte*)_pointer + offset, source.Length));
        public override void Read(long offset, Span<byte> destination) => new Span<byte>((byte*)_pointer + offset, destination.Length).CopyTo(destination);

        public override void Dispose()
        {
            NativeMemory.Free(_pointer);
            _pointer = null;
        }
    }

    private sealed class HostStream(GpuDevice device) : GpuStream
    {
        public override GpuDevice Device => device;
        public override void Synchronize() { }
        public override void Upload(GpuPointer destination, void* source, long bytes) => Buffer.MemoryCopy(source, (void*)destination.Address, bytes, bytes);
        public override void Download(void* destination, GpuPointer source, long bytes) => Buffer.MemoryCopy((void*)source.Address, destination, bytes, bytes);
        public override void Copy(GpuPointer destination, GpuPointer source, long bytes) => Buffer.MemoryCopy((void*)source.Address, (void*)destination.Address, bytes, bytes);
        public override void Fill(GpuPointer destination, byte value, long bytes) => new Span<byte>((void*)destination.Address, (int)bytes).Fill(value);
        public override void Record(GpuEvent mark) => throw new NotSupportedException();
        public override void Wait(GpuEvent mark) => throw new NotSupportedException();
        public override void Dispose() { }
    }
}
