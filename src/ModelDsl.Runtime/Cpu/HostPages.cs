using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// A zeroed range of the process's memory, aligned to 2 MB so that the system can back it with huge pages (a third
/// more DRAM bandwidth, and no TLB misses in strided reads).
/// </summary>
internal readonly unsafe partial struct HostPages
{
    private const long HugePage = 2 << 20;
    private const int ProtectReadWrite = 1 | 2, MapPrivateAnonymous = 0x02 | 0x20, AdviseHugePages = 14;

    private readonly long _mapped; // 0 where the range came from the C runtime

    private HostPages(void* pointer, long mapped)
    {
        Pointer = pointer;
        _mapped = mapped;
    }

    public void* Pointer { get; }

    /// <exception cref="InsufficientDeviceMemoryException">Less than <paramref name="bytes"/> is free.</exception>
    public static HostPages Allocate(long bytes)
    {
        long available = Available();
        if (bytes > available)
            throw Insufficient(bytes, available);
        long size = Math.Max(HugePage, (bytes + HugePage - 1) / HugePage * HugePage);
        try
        {
            return OperatingSystem.IsLinux() ? Map(size) : FromRuntime(size);
        }
        catch (OutOfMemoryException)
        {
            throw Refused(bytes, available);
        }
    }

    public void Free()
    {
        if (_mapped == 0)
            NativeMemory.AlignedFree(Pointer);
        else
            _ = Unmap(Pointer, (nuint)_mapped);
    }

    /// <summary>What the machine or its container still has, in bytes.</summary>
    public static long Available()
    {
        long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (limit <= 0)
            limit = long.MaxValue;
        const string label = "MemAvailable:";
        if (OperatingSystem.IsLinux() && File.Exists("/proc/meminfo"))
            foreach (string line in File.ReadLines("/proc/meminfo"))
                if (line.StartsWith(label, StringComparison.Ordinal)
                    && long.TryParse(line.AsSpan(label.Length).Trim().TrimEnd("kB ".AsSpan()), out long kilobytes))
                    return Math.Min(limit, kilobytes * 1024);
        return limit;
    }

    private static HostPages Map(long size)
    {
        byte* all = (byte*)Mmap(null, (nuint)(size + HugePage), ProtectReadWrite, MapPrivateAnonymous, -1, 0);
        if ((nint)all == -1)
            throw new OutOfMemoryException();
        byte* begin = (byte*)(((nint)all + HugePage - 1) / (nint)HugePage * (nint)HugePage);
        if (begin > all)
            _ = Unmap(all, (nuint)(begin - all));
        byte* end = begin + size, allEnd = all + size + HugePage;
        if (allEnd > end)
            _ = Unmap(end, (nuint)(allEnd - end));
        _ = Advise(begin, (nuint)size, AdviseHugePages); // a kernel without huge pages refuses, which costs speed only
        return new HostPages(begin, size);
    }

    private static HostPages FromRuntime(long size)
    {
        void* pointer = NativeMemory.AlignedAlloc((nuint)size, (nuint)HugePage);
        NativeMemory.Clear(pointer, (nuint)size);
        return new HostPages(pointer, 0);
    }

    private static InsufficientDeviceMemoryException Insufficient(long bytes, long available) =>
        new($"{bytes:N0} bytes were asked for, but this machine has only {available:N0} available. "
            + "Use a smaller batch, length or model.");

    /// <summary>There is memory, but the system does not give it.</summary>
    private static InsufficientDeviceMemoryException Refused(long bytes, long available) => new(
        $"{bytes:N0} bytes were asked for, and the system refused them, though {available:N0} are available: "
        + (AddressSpaceLimit() is { } limit
            ? $"this process may have {limit:N0} bytes of address space (ulimit -v). Raise that limit, or use a smaller batch, length or model."
            : "a limit of this process or its container stands before them. Use a smaller batch, length or model."));

    private static long? AddressSpaceLimit()
    {
        const string file = "/proc/self/limits", label = "Max address space";
        if (File.Exists(file))
            foreach (string line in File.ReadLines(file))
                if (line.StartsWith(label, StringComparison.Ordinal)
                    && long.TryParse(line[label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], out long bytes))
                    return bytes;
        return null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
