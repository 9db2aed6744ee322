using System.Runtime.InteropServices;
using System.Text;

namespace ModelDsl.Gpu.Tests.Emulator;

/// <summary>Calls the emulated driver and compiler as C functions, so that the emulator is tested without the library that it tests.</summary>
internal sealed unsafe class RawCuda : IDisposable
{
    private readonly nint _driver = NativeLibrary.Load(Path.Combine(CudaEmulator.Folder, "libcuda.so.1"));
    private readonly nint _nvrtc = NativeLibrary.Load(Path.Combine(CudaEmulator.Folder, "libnvrtc.so.12"));
    private readonly Dictionary<string, nint> _texts = [];

    public RawCuda(int capability = 90)
    {
        CudaEmulator.Reset(capability);
        Capability = capability;
        Check(((delegate* unmanaged<int, int>)Driver("cuInit"))(0));
        nint context;
        Check(((delegate* unmanaged<nint*, int, int>)Driver("cuDevicePrimaryCtxRetain"))(&context, 0));
        Check(((delegate* unmanaged<nint, int>)Driver("cuCtxSetCurrent"))(context));
    }

    public int Capability { get; }

    /// <summary>A function of the driver.</summary>
    public nint Driver(string name) => NativeLibrary.GetExport(_driver, name);

    /// <summary>Compiles; returns the result code and the log.</summary>
    public (int Result, string Log, byte[] Image) Compile(string source, string name = "test.cu", params string[] options)
    {
        nint program = 0, text = Text(source), file = Text(name);
        // The names that sources include; the emulator supplies its own texts for them.
        nint* names = stackalloc nint[] { Text("ptx.h"), Text("ptx_hopper.h") }, texts = stackalloc nint[] { Text("#error real"), Text("#error real") };
        Check(((delegate* unmanaged<nint*, nint, nint, int, nint*, nint*, int>)Nvrtc("nvrtcCreateProgram"))(&program, text, file, 2, texts, names));
        string[] all = [$"--gpu-architecture=sm_{Capability}{(Capability == 90 ? "a" : "")}", "--std=c++17", .. options];
        nint* words = stackalloc nint[all.Length];
        for (int i = 0; i < all.Length; i++)
            words[i] = Text(all[i]);
        int result = ((delegate* unmanaged<nint, int, nint*, int>)Nvrtc("nvrtcCompileProgram"))(program, all.Length, words);
        nint bytes;
        Check(((delegate* unmanaged<nint, nint*, int>)Nvrtc("nvrtcGetProgramLogSize"))(program, &bytes));
        byte[] log = new byte[bytes];
        fixed (byte* p = log)
            Check(((delegate* unmanaged<nint, byte*, int>)Nvrtc("nvrtcGetProgramLog"))(program, p));
        Check(((delegate* unmanaged<nint, nint*, int>)Nvrtc("nvrtcGetCUBINSize"))(program, &bytes));
        byte[] image = new byte[bytes + 1];
        fixed (byte* p = image)
            Check(((delegate* unmanaged<nint, byte*, int>)Nvrtc("nvrtcGetCUBIN"))(program, p));
        Check(((delegate* unmanaged<nint*, int>)Nvrtc("nvrtcDestroyProgram"))(&program));
        return (result, Encoding.UTF8.GetString(log).TrimEnd('\0'), image);
    }

    /// <summary>A kernel of a source that must compile.</summary>
    public nint Kernel(string source, string name, params string[] options)
    {
        var (result, log, image) = Compile(source, "test.cu", options);
        Assert.True(result == 0, log);
        nint module, function;
        fixed (byte* p = image)
            Check(((delegate* unmanaged<nint*, byte*, int>)Driver("cuModuleLoadData"))(&module, p));
        Check(((delegate* unmanaged<nint*, nint, nint, int>)Driver("cuModuleGetFunction"))(&function, module, Text(name)));
        return function;
    }

    public nint Allocate(long bytes)
    {
        nint address;
        Check(((delegate* unmanaged<nint*, nint, int>)Driver("cuMemAlloc_v2"))(&address, (nint)bytes));
        return address;
    }

    public nint Upload<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        nint address = Allocate((long)values.Length * sizeof(T));
        fixed (T* p = values)
            Check(((delegate* unmanaged<nint, void*, nint, int>)Driver("cuMemcpyHtoD_v2"))(address, p, (nint)values.Length * sizeof(T)));
        return address;
    }

    public T[] Download<T>(nint address, int count) where T : unmanaged
    {
        var values = new T[count];
        fixed (T* p = values)
            Check(((delegate* unmanaged<void*, nint, nint, int>)Driver("cuMemcpyDtoH_v2"))(p, address, (nint)count * sizeof(T)));
        return values;
    }

    /// <summary>Queues a kernel; arguments are addresses and numbers, 8 bytes each.</summary>
    public int Launch(nint function, int groups, int size, int dynamicBytes, params ReadOnlySpan<long> arguments)
    {
        fixed (long* values = arguments)
        {
            void** pointers = stackalloc void*[arguments.Length];
            for (int i = 0; i < arguments.Length; i++)
                pointers[i] = values + i;
            return ((delegate* unmanaged<nint, int, int, int, int, int, int, int, nint, void**, void**, int>)Driver("cuLaunchKernel"))(
                function, groups, 1, 1, size, 1, 1, dynamicBytes, 0, pointers, null);
        }
    }

    /// <summary>Launches, waits and returns the driver's result.</summary>
    public int Run(nint function, int groups, int size, int dynamicBytes, params ReadOnlySpan<long> arguments)
    {
        if (dynamicBytes > 48 << 10)
            Check(((delegate* unmanaged<nint, int, int, int>)Driver("cuFuncSetAttribute"))(function, 8, dynamicBytes));
        int result = Launch(function, groups, size, dynamicBytes, arguments);
        return result != 0 ? result : Synchronize();
    }

    public int Synchronize() => ((delegate* unmanaged<int>)Driver("cuCtxSynchronize"))();

    public void Dispose()
    {
        CudaEmulator.Reset();
        foreach (nint text in _texts.Values)
            Marshal.FreeCoTaskMem(text);
        NativeLibrary.Free(_nvrtc);
        NativeLibrary.Free(_driver);
    }

    public static void Check(int result) => Assert.Equal(0, result);

    private nint Nvrtc(string name) => NativeLibrary.GetExport(_nvrtc, name);

    private nint Text(string text) => _texts.TryGetValue(text, out nint kept) ? kept : _texts[text] = Marshal.StringToCoTaskMemUTF8(text);
}
