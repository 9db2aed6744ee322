namespace ModelDsl.Gpu;

/// <summary>An address in a GPU's memory; the host cannot dereference it.</summary>
public readonly record struct GpuPointer(nuint Address)
{
    public static GpuPointer Null => default;

    public bool IsNull => Address == 0;

    /// <summary>The address <paramref name="bytes"/> further on.</summary>
    public static GpuPointer operator +(GpuPointer pointer, long bytes) => new(pointer.Address + (nuint)bytes);

    public override string ToString() => $"0x{Address:x}";
}
