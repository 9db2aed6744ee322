namespace ModelDsl.Gpu;

/// <summary>The types of a kernel's parameters.</summary>
public enum KernelParameterType { Pointer, Int32, Int64, Float32 }

/// <summary>One argument of a launch: a pointer or a scalar, by value.</summary>
public readonly struct KernelArgument
{
    // The value, in the low bytes; the drivers read it from this address.
    internal readonly long Bits;

    private KernelArgument(KernelParameterType type, long bits)
    {
        Type = type;
        Bits = bits;
    }

    public KernelParameterType Type { get; }

    public static implicit operator KernelArgument(GpuPointer value) => new(KernelParameterType.Pointer, (long)value.Address);
    public static implicit operator KernelArgument(GpuMemory value) => new(KernelParameterType.Pointer, (long)value.Address.Address);
    public static implicit operator KernelArgument(int value) => new(KernelParameterType.Int32, value);
    public static implicit operator KernelArgument(long value) => new(KernelParameterType.Int64, value);
    public static implicit operator KernelArgument(float value) => new(KernelParameterType.Float32, BitConverter.SingleToUInt32Bits(value));
}
