using System.Text;

namespace ModelDsl.Gpu.OpenCl;

/// <summary>A device that a driver lists, not opened, and its properties.</summary>
internal sealed unsafe class OpenClDeviceId(OpenClLibrary library, nint handle, string platform)
{
    public nint Handle => handle;

    public string Name => Text(0x102B);

    public bool IsCpu => (Value<ulong>(0x1000) & 2) != 0;

    public bool IsGpu => (Value<ulong>(0x1000) & 4) != 0;

    public int ComputeUnits => Value<int>(0x1002);

    public int MaxGroupSize => (int)Value<nuint>(0x1004);

    public long MaxAllocation => Value<long>(0x1010);

    public long TotalMemory => Value<long>(0x101F);

    public long LocalMemory => Value<long>(0x1023);

    public (long X, long Y, long Z) MaxGroupSizes
    {
        get
        {
            nuint* sizes = stackalloc nuint[16];
            Check(library.GetDeviceInfo(handle, 0x1005, 16 * (nuint)sizeof(nuint), sizes, null));
            return ((long)sizes[0], (long)sizes[1], (long)sizes[2]);
        }
    }

    /// <summary>Why it cannot be used; null if it can.</summary>
    public string? Problem =>
        Value<int>(0x1027) == 0 ? "its driver says that it is not available now"
        : Value<int>(0x1028) == 0 ? "its driver has no compiler for OpenCL C"
        : !HasCoarseGrainedSvm ? "its driver has no coarse-grained shared virtual memory (OpenCL 2.0), which kernels need for plain addresses"
        : null;

    // A driver older than OpenCL 2.0 does not know this query.
    private bool HasCoarseGrainedSvm
    {
        get
        {
            ulong capabilities = 0;
            return library.GetDeviceInfo(handle, 0x1053, sizeof(ulong), &capabilities, null) == OpenClStatus.Success && (capabilities & 1) != 0;
        }
    }

    public DeviceInfo Describe(string id)
    {
        try
        {
            return new(id, "OpenCL", Name, TotalMemory, $"{string.Join(' ', Text(0x102F).Split(' ').Take(2))} {platform}", Problem);
        }
        catch (GpuException error)
        {
            return new(id, "OpenCL", platform, 0, "OpenCL", error.Message);
        }
    }

    private T Value<T>(uint parameter) where T : unmanaged
    {
        T value = default;
        Check(library.GetDeviceInfo(handle, parameter, (nuint)sizeof(T), &value, null));
        return value;
    }

    private string Text(uint parameter)
    {
        nuint size = 0;
        Check(library.GetDeviceInfo(handle, parameter, 0, null, &size));
        byte[] text = new byte[size];
        fixed (byte* pointer = text)
            Check(library.GetDeviceInfo(handle, parameter, size, pointer, null));
        return Encoding.UTF8.GetString(text).TrimEnd('\0').Trim();
    }

    private static void Check(int code)
    {
        if (code != OpenClStatus.Success)
            throw new GpuException($"clGetDeviceInfo: {OpenClStatus.Name(code)}.");
    }
}
