using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Tests;

/// <summary>Memory that is followed by a page which must not be touched.</summary>
internal static unsafe partial class GuardedPage
{
    /// <summary>The last floats before a forbidden page (on Linux; elsewhere plain memory); never freed.</summary>
    public static float* LastFloats(int count)
    {
        int page = Environment.SystemPageSize;
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)(2 * page), (nuint)page);
        if (OperatingSystem.IsLinux() && Protect(memory + page, (nuint)page, 0) != 0) throw new InvalidOperationException("mprotect");
        return (float*)(memory + page) - count;
    }

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint length, int protection);
}
