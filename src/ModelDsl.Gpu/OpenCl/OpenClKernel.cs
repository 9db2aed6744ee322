using System.Text;

namespace ModelDsl.Gpu.OpenCl;

/// <summary>
/// A kernel of a built program. Its handle holds the arguments of the next launch, so launches of one kernel from
/// several threads take turns.
/// </summary>
internal sealed unsafe class OpenClKernel : GpuKernel
{
    private const uint WorkGroupSize = 0x11B0, LocalMemorySize = 0x11B2;

    private readonly OpenClDevice _device;
    private readonly string _source;
    private readonly Lock _lock = new();
    private readonly nint _kernel;

    public OpenClKernel(OpenClDevice device, nint program, KernelSource source, KernelSignature signature) : base(signature)
    {
        _device = device;
        _source = source.Name;
        fixed (byte* name = Encoding.UTF8.GetBytes(signature.Name + '\0'))
        {
            int code;
            nint kernel = device.Library.CreateKernel(program, name, &code);
            _kernel = device.Opened(kernel, code, "clCreateKernel", $"{signature.Name} of {source.Name}");
        }
        Resources = new(0, (int)Info<ulong>(LocalMemorySize), 0, (int)Info<nuint>(WorkGroupSize));
        if (Resources.LocalMemory > device.MaxLocalMemory)
        {
            Release();
            throw new GpuException(
                $"Kernel {signature.Name} of {_source} has {Resources.LocalMemory:N0} bytes of on-chip memory; {device} gives a group {device.MaxLocalMemory:N0}.");
        }
    }

    public override KernelResources Resources { get; }

    public void Release()
    {
        _device.Library.ReleaseKernel(_kernel);
        _device.Closed();
    }

    private protected override void Enqueue(GpuStream stream, in KernelGrid grid, ReadOnlySpan<KernelArgument> arguments)
    {
        if (stream is not OpenClStream own || own.Device != _device)
            throw new ArgumentException($"Kernel {Signature.Name} is of {_device}; the stream is of {stream.Device.Id}.", nameof(stream));
        Check(grid);
        nuint* sizes = stackalloc nuint[] { (nuint)grid.SizeX, (nuint)grid.SizeY, (nuint)grid.SizeZ };
        nuint* threads = stackalloc nuint[] { (nuint)grid.GroupsX * sizes[0], (nuint)grid.GroupsY * sizes[1], (nuint)grid.GroupsZ * sizes[2] };
        nint queue = own.Queue;
        int code;
        lock (_lock)
        {
            for (int i = 0; i < arguments.Length; i++)
                SetArgument(i, arguments[i]);
            code = _device.Library.EnqueueKernel(queue, _kernel, 3, null, threads, sizes, 0, null, null);
        }
        if (code != OpenClStatus.Success)
            throw _device.Failure(code, "clEnqueueNDRangeKernel", $"{Signature.Name} of {_source}, {grid}");
    }

    private void SetArgument(int index, KernelArgument argument)
    {
        long bits = argument.Bits;
        int code = argument.Type switch
        {
            KernelParameterType.Pointer when bits == 0 => _device.Library.SetKernelArg(_kernel, (uint)index, (nuint)sizeof(nint), null),
            KernelParameterType.Pointer => _device.Library.SetKernelArgSvmPointer(_kernel, (uint)index, (nuint)bits),
            KernelParameterType.Int64 => _device.Library.SetKernelArg(_kernel, (uint)index, sizeof(long), &bits),
            _ => _device.Library.SetKernelArg(_kernel, (uint)index, sizeof(int), &bits),
        };
        if (code != OpenClStatus.Success)
            throw _device.Failure(code, "clSetKernelArg", $"argument {index + 1} of {Signature} of {_source}");
    }

    private void Check(in KernelGrid grid)
    {
        if (grid.GroupsX <= 0 || grid.GroupsY <= 0 || grid.GroupsZ <= 0 || grid.SizeX <= 0 || grid.SizeY <= 0 || grid.SizeZ <= 0)
            throw new ArgumentException($"Kernel {Signature.Name}: {grid} is empty.", nameof(grid));
        long size = (long)grid.SizeX * grid.SizeY * grid.SizeZ;
        if (size > Resources.MaxGroupSize)
            throw new ArgumentException(
                $"Kernel {Signature.Name}: a group of {size} threads; {_device} takes at most {Resources.MaxGroupSize} for it.", nameof(grid));
        (long x, long y, long z) = _device.MaxGroupSizes;
        if (grid.SizeX > x || grid.SizeY > y || grid.SizeZ > z)
            throw new ArgumentException($"Kernel {Signature.Name}: {grid}; {_device} takes at most {x} x {y} x {z} threads along the axes.", nameof(grid));
        if (grid.LocalBytes != 0)
            throw new ArgumentException(
                $"Kernel {Signature.Name}: on-chip memory of a size chosen at launch is CUDA's alone; declare a SHARED array.", nameof(grid));
    }

    private T Info<T>(uint parameter) where T : unmanaged
    {
        T value = default;
        int code = _device.Library.GetKernelWorkGroupInfo(_kernel, _device.Handle, parameter, (nuint)sizeof(T), &value, null);
        return code == OpenClStatus.Success ? value : throw _device.Failure(code, "clGetKernelWorkGroupInfo", Signature.Name);
    }
}
