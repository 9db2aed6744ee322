using System.Text;

namespace ModelDsl.Gpu.Cuda;

/// <summary>A compiled source that the driver has loaded.</summary>
internal sealed unsafe class CudaModule : GpuModule, ICudaHandle
{
    private readonly CudaContext _context;
    private readonly nint _module;
    private readonly Dictionary<string, CudaKernel> _kernels = [];

    /// <param name="image">A cubin, or PTX that ends in a zero.</param>
    public CudaModule(CudaDevice device, CudaContext context, KernelSource source, byte[] image)
    {
        Source = source;
        _context = context;
        CudaDriver driver = context.Enter();
        nint module;
        fixed (byte* data = image)
        {
            int result = driver.ModuleLoadData(&module, data);
            if (result == CudaResult.OutOfMemory)
            {
                device.ReleaseCachedMemory();
                result = driver.ModuleLoadData(&module, data);
            }
            if (result != 0)
                throw context.Failed(result, "cuModuleLoadData", $"of {source.Name}, {ByteSize.Text(image.Length)} for a driver of CUDA {driver.VersionText},");
        }
        _module = module;
        context.Own(this);
        foreach (KernelSignature signature in KernelSignature.ParseAll(source))
            if (Function(signature.Name) is { } function)
                _kernels.Add(signature.Name, new(device, context, signature, function));
    }

    public override KernelSource Source { get; }

    CudaHandleKind ICudaHandle.Kind => CudaHandleKind.Module;

    public override GpuKernel this[string kernel] => _kernels.TryGetValue(kernel, out CudaKernel? found)
        ? found
        : throw new ArgumentException(
            $"{Source.Name} has no kernel {kernel}; it has {string.Join(", ", _kernels.Keys.DefaultIfEmpty("none"))}.", nameof(kernel));

    void ICudaHandle.Free() => _context.CheckFreed(_context.Driver.ModuleUnload(_module), "cuModuleUnload");

    // Null if this variant of the source omits the kernel.
    private nint? Function(string name)
    {
        nint function;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            int result = _context.Driver.ModuleGetFunction(&function, _module, text);
            return result switch
            {
                0 => function,
                CudaResult.NotFound => null,
                _ => throw _context.Failed(result, "cuModuleGetFunction", $"of {name}, {Source.Name},"),
            };
        }
    }
}
