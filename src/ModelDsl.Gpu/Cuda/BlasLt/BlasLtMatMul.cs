namespace ModelDsl.Gpu.Cuda;

/// <summary>Matrix products on one CUDA device through cuBLASLt: a handle, a workspace for each stream, and a plan for each kind of product.</summary>
/// <remarks>
/// The device's context must be current. The first call of a kind queries the heuristics and the first on a stream
/// allocates a workspace, so neither belongs in a capture; later calls allocate nothing.
/// </remarks>
internal sealed unsafe class BlasLtMatMul : IDisposable
{
    private readonly CudaBlasLt _library;
    private readonly GpuDevice _device;
    private readonly nint _handle;
    private readonly Dictionary<BlasLtKey, BlasLtPlan> _plans = [];
    private readonly Dictionary<nint, GpuMemory> _workspaces = []; // two streams must not share one
    private readonly Lock _lock = new();

    public BlasLtMatMul(CudaBlasLt library, GpuDevice device)
    {
        (_library, _device) = (library, device);
        nint handle;
        int status = library.Create(&handle);
        if (status != 0)
            throw new GpuException($"cublasLtCreate on {device.Id}: {library.Describe(status)}; cuBLASLt {library.VersionText} ({library.Path}).");
        _handle = handle;
    }

    /// <summary>NVIDIA's recommendation: 32 MB on Hopper and later, 4 MB before.</summary>
    private long WorkspaceBytes => _device.ComputeCapability >= 90 ? 32 << 20 : 4 << 20;

    /// <summary>The number of kinds of products so far.</summary>
    public int PlanCount => _plans.Count;

    /// <summary>Queues a product; an empty one does nothing.</summary>
    /// <param name="stream">The driver's handle.</param>
    /// <exception cref="ArgumentException">cuBLASLt has no such product; the message says which it has.</exception>
    /// <exception cref="GpuException">This device or this version of the library cannot do it, or the call failed.</exception>
    public void MatMul(nint stream, in MatMulArguments arguments)
    {
        BlasLtRules.Check(arguments, _device.ComputeCapability);
        if (arguments.M == 0 || arguments.N == 0)
            return;
        BlasLtKey key = BlasLtKey.Of(arguments);
        lock (_lock)
        {
            if (!_plans.TryGetValue(key, out BlasLtPlan? plan))
            {
                plan = Plan(arguments);
                _plans.Add(key, plan);
            }
            if (!_workspaces.TryGetValue(stream, out GpuMemory? workspace))
            {
                workspace = _device.Allocate(WorkspaceBytes, "cuBLASLt workspace");
                _workspaces.Add(stream, workspace);
            }
            plan.Run(_handle, arguments, workspace, (nuint)WorkspaceBytes, stream);
        }
    }

    public void Dispose()
    {
        foreach (BlasLtPlan plan in _plans.Values)
            plan.Dispose();
        _plans.Clear();
        _library.Destroy(_handle);
        foreach (GpuMemory workspace in _workspaces.Values)
            workspace.Dispose();
        _workspaces.Clear();
    }

    private BlasLtPlan Plan(in MatMulArguments arguments)
    {
        var plan = new BlasLtPlan(_library, _device, arguments);
        try
        {
            plan.Choose(_handle, arguments, (nuint)WorkspaceBytes);
            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }
}
