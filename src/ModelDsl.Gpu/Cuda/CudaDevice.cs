using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Cuda;

/// <summary>An NVIDIA GPU through the CUDA driver; its kernels are compiled by NVRTC.</summary>
public sealed unsafe class CudaDevice : GpuDevice
{
    private readonly CudaProperties _properties;
    private readonly CudaContext _context;
    private readonly CudaStream _defaultStream;
    private readonly CudaMemoryPool _pool;
    private readonly Lock _compiling = new();
    private readonly Dictionary<string, CudaModule> _modules = [];
    private readonly Lock _creatingMatMul = new();
    private volatile BlasLtMatMul? _matMul;

    private CudaDevice(CudaLibraries libraries, CudaProperties properties)
    {
        Libraries = libraries;
        _properties = properties;
        _context = new(libraries.Driver, properties.Handle, $"{Id} ({properties.Name})");
        _defaultStream = new(this, _context);
        _pool = _context.Own(new CudaMemoryPool(_context, new CudaStream(this, _context)));
    }

    /// <summary>Opens a GPU by its number among those that the driver shows (CUDA_VISIBLE_DEVICES applies).</summary>
    /// <exception cref="NativeLibraryException">The driver is missing or too old.</exception>
    /// <exception cref="GpuException">The driver refuses, or has no such GPU.</exception>
    public static CudaDevice Open(int index = 0, CudaLibraries? libraries = null)
    {
        libraries ??= CudaLibraries.System;
        IReadOnlyList<CudaProperties> all = CudaProperties.All(libraries.Driver);
        return index >= 0 && index < all.Count
            ? new(libraries, all[index])
            : throw new GpuException(
                $"There is no cuda:{index}; there is {string.Join(", ", all.Select(one => $"cuda:{one.Index} ({one.Name})").DefaultIfEmpty("none"))}.");
    }

    public override string Id => $"cuda:{_properties.Index}";
    public override string Name => _properties.Name;
    public override int ComputeCapability => _properties.ComputeCapability;
    public override bool TakesHopperKernels => ComputeCapability == 90 && Libraries.Nvrtc.Major >= 12;
    public override int Multiprocessors => _properties.Multiprocessors;
    public override long TotalMemory => _properties.Memory;
    public override int MaxGroupSize => _properties.MaxGroupSize;
    public override long MaxLocalMemory => _properties.MaxLocalMemory;
    public override GpuStream DefaultStream => _defaultStream;

    /// <summary>The source of this device's libraries.</summary>
    internal CudaLibraries Libraries { get; }

    internal CudaContext Context => _context;

    internal CudaMemoryPool Pool => _pool;

    public override GpuMemory Allocate(long bytes, string purpose = "unnamed")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return new CudaMemory(_context, _pool, _defaultStream, bytes, purpose);
    }

    public override PinnedMemory AllocatePinned(long bytes) => new CudaPinnedMemory(_context, bytes);

    public override CudaStream CreateStream() => new(this, _context);

    public override GpuEvent CreateEvent() => new CudaEvent(_context);

    /// <exception cref="NativeLibraryException">NVRTC is missing, or not of a version that can compile this source.</exception>
    public override GpuModule Compile(KernelSource source)
    {
        _context.Enter();
        var job = NvrtcJob.For(Libraries.Nvrtc, source, ComputeCapability);
        lock (_compiling)
        {
            if (!_modules.TryGetValue(job.Key, out CudaModule? module))
                _modules[job.Key] = module = new(this, _context, source, KernelCache.User.Get(job));
            return module;
        }
    }

    /// <exception cref="NativeLibraryException">cuBLASLt is missing, too old, or newer than the driver.</exception>
    public override void MatMul(GpuStream stream, in MatMulArguments arguments)
    {
        nint queue = Stream(stream).Handle;
        _context.Enter();
        (_matMul ?? CreateMatMul()).MatMul(queue, arguments);
    }

    /// <summary>Returns the memory that the pool keeps for later requests to the driver, for other libraries and programs.</summary>
    public void ReleaseCachedMemory()
    {
        _context.Enter();
        _pool.Trim();
    }

    /// <summary>Frees everything that was created on this device and has not been disposed yet.</summary>
    public override void Dispose() => _context.Dispose();

    /// <exception cref="ArgumentException">The stream belongs to another device.</exception>
    internal CudaStream Stream(GpuStream stream) => stream is CudaStream own && own.Device == this
        ? own
        : throw new ArgumentException($"A stream of {stream.Device.Id} was given to {_context.Label}.", nameof(stream));

    private BlasLtMatMul CreateMatMul()
    {
        lock (_creatingMatMul)
        {
            if (_matMul is null)
            {
                var created = new BlasLtMatMul(Libraries.BlasLt, this);
                _context.Own(new CudaLibraryHandle(created));
                _matMul = created;
            }
            return _matMul;
        }
    }
}
