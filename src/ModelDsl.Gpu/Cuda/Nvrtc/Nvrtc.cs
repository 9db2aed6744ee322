using System.Runtime.InteropServices;
using System.Text;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Cuda;

/// <summary>NVIDIA's run-time compiler of CUDA C++.</summary>
internal sealed unsafe class Nvrtc
{
    /// <summary>The file names of its versions, newest first; 11.2 to 11.8 share one.</summary>
    public static IReadOnlyList<(int Major, string File)> Files { get; } = OperatingSystem.IsWindows()
        ? [(13, "nvrtc64_130_0.dll"), (12, "nvrtc64_120_0.dll"), (11, "nvrtc64_112_0.dll")]
        : [(13, "libnvrtc.so.13"), (12, "libnvrtc.so.12"), (11, "libnvrtc.so.11.2")];

    private const int CompilationError = 6;

    private readonly NativeLibraryFile _file;
    private readonly delegate* unmanaged<int, byte*> _getErrorString;
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> _createProgram;
    private readonly delegate* unmanaged<nint, int, byte**, int> _compileProgram;
    private readonly delegate* unmanaged<nint*, int> _destroyProgram;
    private readonly delegate* unmanaged<nint, nuint*, int> _getLogSize, _getCubinSize, _getPtxSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getLog, _getCubin, _getPtx;

    /// <exception cref="NativeLibraryException">It is missing, or older than 11.2.</exception>
    public Nvrtc(NativeLibraryFile file)
    {
        _file = file;
        int major, minor;
        var version = (delegate* unmanaged<int*, int*, int>)file.Export("nvrtcVersion");
        _getErrorString = (delegate* unmanaged<int, byte*>)file.Export("nvrtcGetErrorString");
        Check(version(&major, &minor), "nvrtcVersion");
        (Major, Minor) = (major, minor);
        if ((major, minor).CompareTo((11, 2)) < 0)
            throw new NativeLibraryException($"NVRTC ({file.Path}) is {VersionText}; 11.2 or later is needed.");
        LoadBuiltins();

        _createProgram = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)file.Export("nvrtcCreateProgram");
        _compileProgram = (delegate* unmanaged<nint, int, byte**, int>)file.Export("nvrtcCompileProgram");
        _destroyProgram = (delegate* unmanaged<nint*, int>)file.Export("nvrtcDestroyProgram");
        _getLogSize = (delegate* unmanaged<nint, nuint*, int>)file.Export("nvrtcGetProgramLogSize");
        _getLog = (delegate* unmanaged<nint, byte*, int>)file.Export("nvrtcGetProgramLog");
        _getCubinSize = (delegate* unmanaged<nint, nuint*, int>)file.Export("nvrtcGetCUBINSize");
        _getCubin = (delegate* unmanaged<nint, byte*, int>)file.Export("nvrtcGetCUBIN");
        _getPtxSize = (delegate* unmanaged<nint, nuint*, int>)file.Export("nvrtcGetPTXSize");
        _getPtx = (delegate* unmanaged<nint, byte*, int>)file.Export("nvrtcGetPTX");
        Architectures = ReadArchitectures();
    }

    public int Major { get; }

    public int Minor { get; }

    public string VersionText => $"{Major}.{Minor}";

    public string Path => _file.Path!;

    /// <summary>The compute capabilities that it compiles for, ascending: 50, ..., 90.</summary>
    public IReadOnlyList<int> Architectures { get; }

    /// <summary>Compiles a program.</summary>
    /// <param name="headers">The files for <c>#include "name"</c>.</param>
    /// <param name="ptx">Produces zero-terminated PTX instead of a cubin.</param>
    /// <returns>The image, or null if the program does not compile; and the compiler's log.</returns>
    public (byte[]? Image, string Log) Compile(
        string name, string text, IReadOnlyList<(string Name, string Text)> headers, IReadOnlyList<string> options, bool ptx)
    {
        using var strings = new NativeStrings();
        nint program;
        fixed (byte** headerTexts = strings.AddAll(headers.Select(header => header.Text)),
            headerNames = strings.AddAll(headers.Select(header => header.Name)), optionTexts = strings.AddAll(options))
        {
            Check(_createProgram(&program, strings.Add(text), strings.Add(name), headers.Count, headerTexts, headerNames), "nvrtcCreateProgram");
            try
            {
                int result = _compileProgram(program, options.Count, optionTexts);
                string log = Encoding.UTF8.GetString(Read(program, _getLogSize, _getLog, "nvrtcGetProgramLog")).TrimEnd('\0').Trim();
                if (result == CompilationError)
                    return (null, log);
                if (result != 0)
                    throw new GpuException($"{Failed(result, "nvrtcCompileProgram")} {name}, {string.Join(' ', options)}. {log}");
                return (ptx ? Read(program, _getPtxSize, _getPtx, "nvrtcGetPTX") : Read(program, _getCubinSize, _getCubin, "nvrtcGetCUBIN"), log);
            }
            finally
            {
                _destroyProgram(&program);
            }
        }
    }

    private byte[] Read(nint program, delegate* unmanaged<nint, nuint*, int> getSize, delegate* unmanaged<nint, byte*, int> get, string call)
    {
        nuint size;
        Check(getSize(program, &size), call + "Size");
        byte[] data = new byte[(int)size];
        fixed (byte* pointer = data)
            Check(get(program, pointer), call);
        return data;
    }

    private IReadOnlyList<int> ReadArchitectures()
    {
        int count;
        Check(((delegate* unmanaged<int*, int>)_file.Export("nvrtcGetNumSupportedArchs"))(&count), "nvrtcGetNumSupportedArchs");
        int[] architectures = new int[count];
        fixed (int* pointer = architectures)
            Check(((delegate* unmanaged<int*, int>)_file.Export("nvrtcGetSupportedArchs"))(pointer), "nvrtcGetSupportedArchs");
        Array.Sort(architectures);
        return architectures;
    }

    // NVRTC looks up the library of its built-in functions by name alone, which fails in a folder that is not on the loader's path.
    private void LoadBuiltins()
    {
        if (System.IO.Path.GetDirectoryName(_file.Path) is not { Length: > 0 } folder)
            return;
        string name = OperatingSystem.IsWindows() ? $"nvrtc-builtins64_{Major}{Minor}.dll" : $"libnvrtc-builtins.so.{VersionText}";
        NativeLibrary.TryLoad(System.IO.Path.Combine(folder, name), out _);
    }

    private void Check(int result, string call)
    {
        if (result != 0)
            throw new GpuException(Failed(result, call));
    }

    private string Failed(int result, string call) =>
        $"{call}: {Marshal.PtrToStringUTF8((nint)_getErrorString(result))}; NVRTC {VersionText} ({Path}).";
}
