namespace ModelDsl.Gpu.Cuda;

/// <summary>A kernel of a loaded module.</summary>
internal sealed unsafe class CudaKernel : GpuKernel
{
    /// <summary>Shared memory that a group can use without opting in to more (CUDA programming guide, technical specifications).</summary>
    private const int UsualLocalMemory = 48 << 10;

    private const int MaxGroupsYZ = 65535;

    private readonly CudaDevice _device;
    private readonly CudaContext _context;
    private readonly nint _function;
    private volatile int _localLimit; // bytes of dynamic shared memory that a launch may use, as set so far

    public CudaKernel(CudaDevice device, CudaContext context, KernelSignature signature, nint function) : base(signature)
    {
        _device = device;
        _context = context;
        _function = function;
        int local = Attribute(CudaFunctionAttribute.SharedSizeBytes);
        Resources = new(
            Attribute(CudaFunctionAttribute.NumRegs), local,
            Attribute(CudaFunctionAttribute.LocalSizeBytes), Attribute(CudaFunctionAttribute.MaxThreadsPerBlock));
        _localLimit = Math.Max(UsualLocalMemory - local, 0);
    }

    public override KernelResources Resources { get; }

    private protected override void Enqueue(GpuStream stream, in KernelGrid grid, ReadOnlySpan<KernelArgument> arguments)
    {
        CudaStream queue = _device.Stream(stream);
        CudaDriver driver = _context.Enter();
        CheckGrid(grid);
        if (grid.LocalBytes > _localLimit)
            RaiseLocalLimit(driver);
        // The driver reads each argument's bytes from an address, as many as the kernel's parameter has.
        void** addresses = stackalloc void*[arguments.Length];
        fixed (KernelArgument* first = arguments)
        {
            for (int i = 0; i < arguments.Length; i++)
                addresses[i] = &first[i].Bits;
            int result = driver.LaunchKernel(
                _function, (uint)grid.GroupsX, (uint)grid.GroupsY, (uint)grid.GroupsZ, (uint)grid.SizeX, (uint)grid.SizeY, (uint)grid.SizeZ,
                (uint)grid.LocalBytes, queue.Handle, addresses, null);
            if (result != 0)
                throw _context.Failed(result, "cuLaunchKernel", $"of {Signature}, {grid}, {grid.LocalBytes} bytes of shared memory");
        }
    }

    private void CheckGrid(in KernelGrid grid)
    {
        if (grid.GroupsX < 1 || grid.GroupsY < 1 || grid.GroupsZ < 1 || grid.SizeX < 1 || grid.SizeY < 1 || grid.SizeZ < 1 || grid.LocalBytes < 0)
            throw new ArgumentException($"Kernel {Signature.Name}: {grid} is empty.");
        if ((long)grid.SizeX * grid.SizeY * grid.SizeZ > Resources.MaxGroupSize)
            throw new ArgumentException($"Kernel {Signature.Name}: {grid} is beyond the {Resources.MaxGroupSize} threads that a group of it can have on {_context.Label}.");
        if (grid.GroupsY > MaxGroupsYZ || grid.GroupsZ > MaxGroupsYZ)
            throw new ArgumentException($"Kernel {Signature.Name}: {grid} is beyond the {MaxGroupsYZ} groups that CUDA has along the second and third axis.");
        if (grid.LocalBytes + (long)Resources.LocalMemory > _device.MaxLocalMemory)
            throw new ArgumentException(
                $"Kernel {Signature.Name}: {grid.LocalBytes} bytes of shared memory beside its own {Resources.LocalMemory} are beyond the "
                + $"{_device.MaxLocalMemory} of a group on {_context.Label}.");
    }

    private void RaiseLocalLimit(CudaDriver driver)
    {
        int limit = (int)_device.MaxLocalMemory - Resources.LocalMemory;
        _context.Check(driver.FuncSetAttribute(_function, CudaFunctionAttribute.MaxDynamicSharedSizeBytes, limit), "cuFuncSetAttribute", limit);
        _localLimit = limit;
    }

    private int Attribute(CudaFunctionAttribute attribute)
    {
        int value;
        _context.Check(_context.Driver.FuncGetAttribute(&value, attribute, _function), "cuFuncGetAttribute");
        return value;
    }
}
