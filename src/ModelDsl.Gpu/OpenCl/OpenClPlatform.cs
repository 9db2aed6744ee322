using System.Text;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.OpenCl;

/// <summary>A driver behind the ICD loader, and its devices.</summary>
public static unsafe class OpenClPlatform
{
    private const ulong AnyType = 0xffffffff;

    /// <summary>Every OpenCL device of this machine, usable or with what it lacks, and the loader and drivers; never throws.</summary>
    public static DeviceList List()
    {
        NativeLibraryFile file = OpenClLibrary.SystemFile;
        if (!file.IsFound)
            return new([], [new(file.Name, null, null, file.Missing)]);
        try
        {
            return List(OpenClLibrary.System, file.Path);
        }
        catch (NativeLibraryException error)
        {
            return new([], [new(file.Name, null, file.Path, error.Message)]);
        }
    }

    internal static DeviceList List(OpenClLibrary library, string? path)
    {
        List<nint> platforms;
        try
        {
            platforms = Platforms(library);
        }
        catch (GpuException error)
        {
            return new([], [new("OpenCL loader", null, path, error.Message)]);
        }
        List<LibraryInfo> libraries =
        [
            new("OpenCL loader", null, path, platforms.Count > 0 ? null
                : "no driver is registered with it; install one, with a file in /etc/OpenCL/vendors (pocl-opencl-icd, rocm-opencl, intel-opencl-icd)"),
            .. platforms.Select(platform => new LibraryInfo(
                $"OpenCL platform {PlatformText(library, platform, 0x0902)}", PlatformText(library, platform, 0x0901), null, null)),
        ];
        return new([.. Devices(library).Select((device, index) => device.Describe($"opencl:{index}"))], libraries);
    }

    /// <summary>All devices in the order of their numbers: GPUs, then accelerators, then CPUs, each in their drivers' order.</summary>
    internal static List<OpenClDeviceId> Devices(OpenClLibrary library) =>
    [
        .. Platforms(library).SelectMany(platform => DevicesOf(library, platform))
            .OrderBy(device => device.IsGpu ? 0 : device.IsCpu ? 2 : 1), // a stable sort
    ];

    private static List<nint> Platforms(OpenClLibrary library)
    {
        uint count = 0;
        int code = library.GetPlatformIds(0, null, &count);
        if (code == OpenClStatus.PlatformNotFound || code == OpenClStatus.Success && count == 0)
            return [];
        Check(code, "clGetPlatformIDs");
        nint* ids = stackalloc nint[(int)count];
        Check(library.GetPlatformIds(count, ids, null), "clGetPlatformIDs");
        return [.. new ReadOnlySpan<nint>(ids, (int)count)];
    }

    private static List<OpenClDeviceId> DevicesOf(OpenClLibrary library, nint platform)
    {
        uint count = 0;
        int code = library.GetDeviceIds(platform, AnyType, 0, null, &count);
        if (code == OpenClStatus.DeviceNotFound || code == OpenClStatus.Success && count == 0)
            return [];
        Check(code, "clGetDeviceIDs");
        nint* ids = stackalloc nint[(int)count];
        Check(library.GetDeviceIds(platform, AnyType, count, ids, null), "clGetDeviceIDs");
        var devices = new List<OpenClDeviceId>();
        for (int i = 0; i < count; i++)
            devices.Add(new(library, ids[i], PlatformText(library, platform, 0x0902)));
        return devices;
    }

    private static string PlatformText(OpenClLibrary library, nint platform, uint parameter)
    {
        nuint size = 0;
        Check(library.GetPlatformInfo(platform, parameter, 0, null, &size), "clGetPlatformInfo");
        byte[] text = new byte[size];
        fixed (byte* pointer = text)
            Check(library.GetPlatformInfo(platform, parameter, size, pointer, null), "clGetPlatformInfo");
        return Encoding.UTF8.GetString(text).TrimEnd('\0').Trim();
    }

    private static void Check(int code, string call)
    {
        if (code != OpenClStatus.Success)
            throw new GpuException($"{call}: {OpenClStatus.Name(code)}.");
    }
}
