using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>How a kernel may use a buffer.</summary>
public enum CheckAccess { Input, Output, InPlace, Scratch }

/// <summary>
/// Device memory between two guards of bytes 255, NaN in every float type: a kernel that reads past the end
/// spreads it, and one that writes there is detected.
/// </summary>
public sealed class CheckBuffer
{
    private readonly GpuMemory _memory;

    internal CheckBuffer(GpuMemory memory, string name, TensorType type, int count, CheckAccess access, double[] values)
    {
        (_memory, Name, Type, Count, Access, Values) = (memory, name, type, count, access, values);
    }

    // Bytes on each side; a multiple of every alignment that a kernel requires.
    internal const int Guard = 1024;

    public string Name { get; }

    public TensorType Type { get; }

    public int Count { get; }

    public CheckAccess Access { get; }

    /// <summary>The uploaded values, rounded to <see cref="Type"/>; empty for outputs.</summary>
    public double[] Values { get; }

    public GpuPointer Pointer => _memory.Address + Guard;

    internal bool Compared { get; set; }

    internal int ByteCount => checked(Count * (Type.Bits() / 8));

    internal GpuPointer Start => _memory.Address;

    internal void Dispose() => _memory.Dispose();

    public static implicit operator GpuPointer(CheckBuffer buffer) => buffer.Pointer;

    public static implicit operator KernelArgument(CheckBuffer buffer) => buffer.Pointer;
}
