using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ModelDsl.Runtime.Cpu;

/// <summary>The instruction sets that the CPU kernels are written for.</summary>
public enum CpuIsa
{
    /// <summary>128-bit vectors of whatever processor this is.</summary>
    Portable,

    /// <summary>AVX2 with FMA.</summary>
    Avx2,

    /// <summary>AVX-512 F, BW, DQ and VL.</summary>
    Avx512,
}

/// <summary>What this process runs on.</summary>
public static class CpuInfo
{
    /// <summary>The processor's name as it gives it itself.</summary>
    public static string Name { get; } = ReadName();

    /// <summary>Logical processors that this process may use.</summary>
    public static int Cores => Environment.ProcessorCount;

    /// <summary>The widest instruction set here that there are kernels for.</summary>
    public static CpuIsa BestIsa { get; } =
        Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported ? CpuIsa.Avx512
        : Avx2.IsSupported && Fma.IsSupported ? CpuIsa.Avx2
        : CpuIsa.Portable;

    private static string ReadName()
    {
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < 0x80000004)
            return RuntimeInformation.ProcessArchitecture.ToString();
        Span<int> words = stackalloc int[12];
        for (int leaf = 0; leaf < 3; leaf++)
        {
            var (eax, ebx, ecx, edx) = X86Base.CpuId(unchecked((int)0x80000002) + leaf, 0);
            words[4 * leaf] = eax;
            words[4 * leaf + 1] = ebx;
            words[4 * leaf + 2] = ecx;
            words[4 * leaf + 3] = edx;
        }
        var bytes = MemoryMarshal.AsBytes(words);
        int end = bytes.IndexOf((byte)0);
        return System.Text.Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]).Trim();
    }
}
