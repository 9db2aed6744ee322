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
            if (result is CudaResult.InvalidImage or CudaResult.NoBinaryForGpu)
                throw context.Failed(result, "cuModuleLoadData", $"of {source.Name} (the driver is for CUDA {driver.VersionText})");
            if (result != 0)
                throw context.Failed(result, "cuModuleLoadData", $"of {source.Name}, {ByteSize.Text(image.Length)}");
        }
        _module = module;
        context.Own(this);
        foreach (KernelSignature signature in KernelSignature.ParseAll(source))
        {
            nint function;
            fixed (byte* name = Encoding.UTF8.GetBytes(signature.Name + '\0'))
                if (driver.ModuleGetFunction(&function, module, name) is not 0 and not CudaResult.NotFound and var result)
                    throw context.Failed(result, "cuModuleGetFunction", signature.Name);
                else if (function != 0)
                    _kernels.Add(signature.Name, new(device, context, signature, function));
        }
    }

    public override KernelSource Source { get; }

    CudaHandleKind ICudaHandle.Kind => CudaHandleKind.Module;

    public override GpuKernel this[string kernel] => _kernels.TryGetValue(kernel, out CudaKernel? found)
        ? found
        : throw new ArgumentException(
            $"{Source.Name} has no kernel {kernel}; it has {string.Join(", ", _kernels.Keys.DefaultIfEmpty("none"))}.", nameof(kernel));

    void ICudaHandle.Free() => _context.CheckFreed(_context.Driver.ModuleUnload(_module), "cuModuleUnload");
}
