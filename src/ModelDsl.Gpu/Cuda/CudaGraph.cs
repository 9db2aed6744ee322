namespace ModelDsl.Gpu.Cuda;

/// <summary>A captured sequence of work (<see cref="CudaStream.Capture"/>) that is launched as a unit.</summary>
public sealed unsafe class CudaGraph : IDisposable, ICudaHandle
{
    private readonly CudaDevice _device;
    private readonly CudaContext _context;
    private readonly nint _executable;

    // Takes ownership of the captured graph; only its instance is kept.
    internal CudaGraph(CudaDevice device, CudaContext context, nint graph)
    {
        _device = device;
        _context = context;
        try
        {
            CudaDriver driver = context.Enter();
            nuint nodes = 0;
            context.Check(driver.GraphGetNodes(graph, null, &nodes), "cuGraphGetNodes");
            Nodes = (int)nodes;
            nint executable;
            context.Check(driver.GraphInstantiate(&executable, graph, 0), "cuGraphInstantiateWithFlags");
            _executable = executable;
        }
        finally
        {
            context.CheckFreed(context.Driver.GraphDestroy(graph), "cuGraphDestroy");
        }
        context.Own(this);
    }

    /// <summary>The number of kernels, copies and fills in it.</summary>
    public int Nodes { get; }

    CudaHandleKind ICudaHandle.Kind => CudaHandleKind.Graph;

    /// <summary>Queues the graph. Allocates nothing.</summary>
    public void Launch(GpuStream stream) => _context.Check(
        _context.Enter().GraphLaunch(_executable, _device.Stream(stream).Handle), "cuGraphLaunch");

    public void Dispose() => _context.Release(this);

    void ICudaHandle.Free() => _context.CheckFreed(_context.Driver.GraphExecDestroy(_executable), "cuGraphExecDestroy");
}
