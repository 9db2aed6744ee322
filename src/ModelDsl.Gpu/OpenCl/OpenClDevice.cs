using ModelDsl.Runtime;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.OpenCl;

/// <summary>
/// A device of any OpenCL driver with coarse-grained shared virtual memory (OpenCL 2.0; most of 3.0): AMD's and Intel's
/// GPUs, and PoCL on CPUs. Memory has plain addresses, streams are in-order queues.
/// </summary>
/// <remarks>
/// Compiled programs are kept for the life of the device. There is no cache on disk: the drivers have their own
/// (PoCL's POCL_CACHE_DIR, Intel's cl_cache, AMD's comgr cache). The matrix product supports F32, BF16 and F16; TF32 has no
/// effect, fp8 is refused.
/// </remarks>
public sealed unsafe class OpenClDevice : GpuDevice
{
    // clSVMAlloc may refuse more than the largest type's alignment (128), so blocks are aligned by this class.
    private const int Alignment = 256;

    private readonly OpenClDeviceId _id;
    private readonly nint _context;
    private readonly OpenClMemoryPool _pool;
    private readonly Lock _lock = new();
    private readonly List<OpenClStream> _streams = [];
    private readonly Dictionary<string, OpenClModule> _modules = [];
    private readonly Dictionary<nuint, nint> _blocks = []; // aligned address -> the driver's address
    private readonly List<OpenClPinnedMemory> _pinned = [];
    private readonly TiledMatMul _matMul;
    private string? _lost;
    private bool _disposed;
    private int _liveHandles;

    private OpenClDevice(OpenClLibrary library, OpenClDeviceId id, int index)
    {
        Library = library;
        _id = id;
        Id = $"opencl:{index}";
        Name = id.Name;
        MaxGroupSize = id.MaxGroupSize;
        MaxGroupSizes = id.MaxGroupSizes;
        Multiprocessors = id.ComputeUnits;
        TotalMemory = id.TotalMemory;
        MaxLocalMemory = id.LocalMemory;
        nint handle = id.Handle;
        int code;
        _context = Opened(library.CreateContext(null, 1, &handle, 0, 0, &code), code, "clCreateContext");
        _pool = new OpenClMemoryPool(ToString(), AllocateBlock, FreeBlock, () => (TotalMemory - _pool!.HeldBytes - _pool.KeptBytes, TotalMemory));
        _matMul = new(this);
        try
        {
            DefaultStream = CreateStream();
        }
        catch (GpuException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Opens the device that <see cref="OpenClPlatform.List()"/> calls <c>opencl:index</c>.</summary>
    /// <exception cref="NativeLibraryException">There is no OpenCL loader.</exception>
    /// <exception cref="GpuException">There is no such device, or it lacks a required feature.</exception>
    public static OpenClDevice Open(int index = 0) => Open(OpenClLibrary.System, index);

    internal static OpenClDevice Open(OpenClLibrary library, int index)
    {
        List<OpenClDeviceId> devices = OpenClPlatform.Devices(library);
        if (index < 0 || index >= devices.Count)
            throw new GpuException(devices.Count == 0
                ? $"There is no opencl:{index}: no OpenCL driver with a device is installed."
                : $"There is no opencl:{index}; there are opencl:0 to opencl:{devices.Count - 1}.");
        return devices[index].Problem is { } problem
            ? throw new GpuException($"opencl:{index} ({devices[index].Name}) cannot be used: {problem}.")
            : new(library, devices[index], index);
    }

    public override string Id { get; }

    public override string Name { get; }

    public override int ComputeCapability => 0;

    public override int Multiprocessors { get; }

    public override long TotalMemory { get; }

    public override int MaxGroupSize { get; }

    public override long MaxLocalMemory { get; }

    public override GpuStream DefaultStream { get; }

    internal OpenClLibrary Library { get; }

    internal nint Handle => _id.Handle;

    internal nint Context => _context;

    internal (long X, long Y, long Z) MaxGroupSizes { get; }

    /// <summary>The number of OpenCL objects and blocks of memory that are not released: 0 once everything is disposed.</summary>
    internal int LiveHandles => _liveHandles;

    public override GpuMemory Allocate(long bytes, string purpose = "unnamed")
    {
        ThrowIfUnusable();
        nuint address = _pool.Take(bytes, purpose);
        // The block may just have been returned by another owner, with work on it still queued in any stream.
        foreach (OpenClStream stream in Streams())
            stream.Synchronize();
        DefaultStream.Fill(new(address), 0, bytes);
        DefaultStream.Synchronize();
        return new OpenClMemory(this, _pool, address, bytes, purpose);
    }

    /// <summary>Allocates host memory, aligned to pages; in OpenCL the driver decides whether a copy locks it in place.</summary>
    public override PinnedMemory AllocatePinned(long bytes)
    {
        ThrowIfUnusable();
        var memory = new OpenClPinnedMemory(this, bytes);
        lock (_lock)
            _pinned.Add(memory);
        return memory;
    }

    public override GpuStream CreateStream()
    {
        ThrowIfUnusable();
        var stream = new OpenClStream(this);
        lock (_lock)
            _streams.Add(stream);
        return stream;
    }

    public override GpuEvent CreateEvent()
    {
        ThrowIfUnusable();
        return new OpenClEvent(this);
    }

    public override GpuModule Compile(KernelSource source)
    {
        ThrowIfUnusable();
        if (source.IsCuda)
            throw new GpuException($"{source.Name} is CUDA C++; {this} compiles the portable dialect (a .c file) alone.");
        string text = OpenClModule.ProgramText(source);
        lock (_modules)
        {
            if (!_modules.TryGetValue(text, out OpenClModule? module))
                _modules.Add(text, module = new OpenClModule(this, source, text));
            return module;
        }
    }

    public override void MatMul(GpuStream stream, in MatMulArguments arguments) => _matMul.Launch(stream, arguments);

    /// <summary>Waits for all work, then releases modules, memory, streams and the context, in this order.</summary>
    public override void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (OpenClStream stream in Streams())
            stream.Finish();
        foreach (OpenClModule module in _modules.Values)
            module.Release();
        _modules.Clear();
        _pool.Dispose();
        foreach (OpenClStream stream in Streams())
            stream.Dispose();
        foreach (OpenClPinnedMemory memory in _pinned.ToArray())
            memory.Dispose();
        Library.ReleaseContext(_context);
        Closed();
    }

    /// <summary>"opencl:0 (gfx1100)".</summary>
    public override string ToString() => $"{Id} ({Name})";

    /// <summary>Counts a handle that a call has created, or throws the call's error.</summary>
    internal nint Opened(nint handle, int code, string call, string? detail = null)
    {
        if (code != OpenClStatus.Success || handle == 0)
            throw Failure(code, call, detail);
        Interlocked.Increment(ref _liveHandles);
        return handle;
    }

    internal void Closed() => Interlocked.Decrement(ref _liveHandles);

    internal GpuException Failure(int code, string call, string? detail = null) =>
        new($"{call} on {this}{(detail is null ? "" : $", {detail}")}: {OpenClStatus.Name(code)}.");

    /// <summary>Marks the device as lost: queued work has failed, so its memory is undefined from here on.</summary>
    internal GpuDeviceLostException Lost(int code, string call)
    {
        _lost ??= $"{this} is lost: work on it failed, {call}: {OpenClStatus.Name(code)}. Dispose the device and open it again.";
        return new(_lost);
    }

    internal void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_lost is not null)
            throw new GpuDeviceLostException(_lost);
    }

    internal bool IsPinned(void* pointer, long bytes)
    {
        lock (_lock)
        {
            foreach (OpenClPinnedMemory memory in _pinned)
                if (memory.Contains(pointer, bytes))
                    return true;
            return false;
        }
    }

    internal void Forget(OpenClPinnedMemory memory)
    {
        lock (_lock)
            _pinned.Remove(memory);
    }

    internal void Forget(OpenClStream stream)
    {
        lock (_lock)
            _streams.Remove(stream);
    }

    private OpenClStream[] Streams()
    {
        lock (_lock)
            return [.. _streams];
    }

    // Drivers on CPUs promise more than there is; the device's reported memory is the limit.
    private nuint AllocateBlock(long bytes)
    {
        if (bytes > TotalMemory - _pool.HeldBytes - _pool.KeptBytes)
            return 0;
        nint block = Library.SvmAlloc(_context, 1 /* read and write */, (nuint)(bytes + Alignment), 0);
        if (block == 0)
            return 0;
        nuint address = ((nuint)block + Alignment - 1) / Alignment * Alignment;
        _blocks.Add(address, block);
        Interlocked.Increment(ref _liveHandles);
        return address;
    }

    private void FreeBlock(nuint address)
    {
        _blocks.Remove(address, out nint block);
        Library.SvmFree(_context, block);
        Closed();
    }
}
