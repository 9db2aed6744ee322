using System.Text;

namespace ModelDsl.Gpu.OpenCl;

/// <summary>A built program; its kernels are created at their first use.</summary>
internal sealed unsafe class OpenClModule : GpuModule
{
    private const uint BuildLog = 0x1183;

    private readonly OpenClDevice _device;
    private readonly IReadOnlyList<KernelSignature> _signatures;
    private readonly Dictionary<string, OpenClKernel> _kernels = [];
    private readonly nint _program;

    public OpenClModule(OpenClDevice device, KernelSource source, string text)
    {
        _device = device;
        Source = source;
        _signatures = KernelSignature.ParseAll(source);
        byte[] bytes = Encoding.UTF8.GetBytes(text + '\0');
        fixed (byte* pointer = bytes)
        {
            byte* start = pointer;
            int code;
            nint program = device.Library.CreateProgram(device.Context, 1, &start, null, &code);
            _program = device.Opened(program, code, "clCreateProgramWithSource", source.Name);
        }
        nint handle = device.Handle;
        int result;
        fixed (byte* options = "-cl-std=CL1.2\0"u8)
            result = device.Library.BuildProgram(_program, 1, &handle, options, 0, 0);
        if (result == OpenClStatus.Success)
            return;
        string log = Log();
        Release();
        throw result == OpenClStatus.BuildProgramFailure
            ? CompilerLog.Error(source, device.ToString(), log)
            : device.Failure(result, "clBuildProgram", $"{source.Name}: {log}");
    }

    /// <summary>The input of the driver's compiler: constants, dialect and source, each with its own line numbers.</summary>
    public static string ProgramText(KernelSource source) =>
        string.Concat(source.Defines.Select(define => $"#define {define.Name} {define.Value}\n"))
        + $"#line 1 \"dialect.h\"\n{KernelSource.OwnText("dialect.h")}\n#line 1 \"{source.Name}\"\n{source.Text}\n";

    public override KernelSource Source { get; }

    public override GpuKernel this[string kernel]
    {
        get
        {
            _device.ThrowIfUnusable();
            lock (_kernels)
            {
                if (_kernels.TryGetValue(kernel, out OpenClKernel? found))
                    return found;
                KernelSignature signature = _signatures.FirstOrDefault(signature => signature.Name == kernel)
                    ?? throw new ArgumentException(
                        $"{Source.Name} has no kernel {kernel}; it has {string.Join(", ", _signatures.Select(s => s.Name))}.", nameof(kernel));
                var made = new OpenClKernel(_device, _program, Source, signature);
                _kernels.Add(kernel, made);
                return made;
            }
        }
    }

    public void Release()
    {
        foreach (OpenClKernel kernel in _kernels.Values)
            kernel.Release();
        _device.Library.ReleaseProgram(_program);
        _device.Closed();
    }

    private string Log()
    {
        nuint size = 0;
        int code = _device.Library.GetProgramBuildInfo(_program, _device.Handle, BuildLog, 0, null, &size);
        byte[] log = new byte[size];
        if (code == OpenClStatus.Success && size > 0)
            fixed (byte* pointer = log)
                code = _device.Library.GetProgramBuildInfo(_program, _device.Handle, BuildLog, size, pointer, null);
        return code == OpenClStatus.Success
            ? Encoding.UTF8.GetString(log).TrimEnd('\0').Trim()
            : $"(the driver has no log: {OpenClStatus.Name(code)})";
    }
}
