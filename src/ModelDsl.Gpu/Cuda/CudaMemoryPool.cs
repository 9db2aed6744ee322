using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Cuda;

/// <summary>
/// The GPU's memory, in blocks of a few sizes; a block that is returned is kept for the next request of its size.
/// </summary>
/// <remarks>
/// A block may be returned while work that uses it is still queued on any stream: it is handed out again only after
/// all work that was queued at that moment has ended. (Work in a captured graph is not queued until the graph is launched:
/// memory that a graph uses must live as long as the graph.) Memory that is handed out is zero for every stream.
/// </remarks>
internal sealed unsafe class CudaMemoryPool : ICudaHandle
{
    private const long Smallest = 512, Page = 2L << 20;

    private readonly CudaContext _context;
    private readonly CudaStream _stream; // fills with zeros, after the work that used the block before
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Stack<Block>> _free = [];
    private readonly Stack<nint> _marks = []; // events that are not in use
    private long _cached;

    public CudaMemoryPool(CudaContext context, CudaStream stream)
    {
        _context = context;
        _stream = stream;
    }

    /// <summary>Bytes that are kept for later requests.</summary>
    public long Cached => Interlocked.Read(ref _cached);

    CudaHandleKind ICudaHandle.Kind => CudaHandleKind.Pool;

    /// <summary>
    /// The size of the block that serves a request: four steps to each doubling, so that at most a fifth is unused;
    /// from 8 MiB on, whole pages of 2 MiB, as the driver itself allocates.
    /// </summary>
    public static long BlockSize(long bytes)
    {
        if (bytes <= Smallest)
            return Smallest;
        long step = bytes > 4 * Page ? Page : (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)bytes) / 8;
        return (bytes + step - 1) / step * step;
    }

    /// <summary>A zeroed block of <see cref="BlockSize"/>(<paramref name="bytes"/>).</summary>
    /// <exception cref="InsufficientDeviceMemoryException">There is not enough memory, even with the kept blocks.</exception>
    public nuint Take(long bytes, string purpose)
    {
        long size = BlockSize(bytes);
        lock (_lock)
        {
            CudaDriver driver = _context.Enter();
            Block block = TakeFree(size) ?? new(Reserve(driver, size, bytes, purpose), []);
            try
            {
                foreach (nint mark in block.Marks)
                    _context.Check(driver.StreamWaitEvent(_stream.Handle, mark, 0), "cuStreamWaitEvent");
                _context.Check(driver.MemsetD8Async(block.Address, 0, (nuint)size, _stream.Handle), "cuMemsetD8Async", size);
                _context.Check(driver.StreamSynchronize(_stream.Handle), "cuStreamSynchronize");
            }
            catch
            {
                PutFree(size, block);
                throw;
            }
            Reuse(block.Marks);
            return block.Address;
        }
    }

    /// <summary>Returns a block; the context is current.</summary>
    public void Give(nuint address, long bytes)
    {
        lock (_lock)
            PutFree(BlockSize(bytes), new(address, Mark()));
    }

    /// <summary>Frees the kept blocks once the work that used them has ended.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            foreach (Block block in _free.Values.SelectMany(blocks => blocks))
            {
                foreach (nint mark in block.Marks)
                    _context.CheckFreed(_context.Driver.EventSynchronize(mark), "cuEventSynchronize");
                Reuse(block.Marks);
                _context.CheckFreed(_context.Driver.MemFree(block.Address), "cuMemFree");
            }
            _free.Clear();
            _cached = 0;
        }
    }

    void ICudaHandle.Free()
    {
        Trim();
        while (_marks.TryPop(out nint mark))
            _context.CheckFreed(_context.Driver.EventDestroy(mark), "cuEventDestroy");
    }

    // The current positions of the streams' queues; a broken context has none.
    private nint[] Mark()
    {
        CudaDriver driver = _context.Driver;
        List<nint> marks = [];
        if (_context.IsLost)
            return [];
        foreach (ICudaHandle handle in _context.Handles.Of(CudaHandleKind.Stream))
        {
            var stream = (CudaStream)handle;
            if (stream == _stream || IsCaptured(stream))
                continue;
            if (!_marks.TryPop(out nint mark))
                _context.CheckFreed(driver.EventCreate(&mark, CudaFlags.EventDisableTiming), "cuEventCreate");
            marks.Add(mark);
            _context.CheckFreed(driver.EventRecord(mark, stream.Handle), "cuEventRecord");
        }
        return [.. marks];
    }

    // Also if it takes part in the capture of another stream: an event would then become part of the graph.
    private bool IsCaptured(CudaStream stream)
    {
        int status = 0;
        _context.CheckFreed(_context.Driver.StreamIsCapturing(stream.Handle, &status), "cuStreamIsCapturing");
        return status != 0;
    }

    private void Reuse(nint[] marks)
    {
        foreach (nint mark in marks)
            _marks.Push(mark);
    }

    private Block? TakeFree(long size)
    {
        if (!_free.TryGetValue(size, out Stack<Block>? blocks) || !blocks.TryPop(out Block block))
            return null;
        _cached -= size;
        return block;
    }

    private void PutFree(long size, Block block)
    {
        if (!_free.TryGetValue(size, out Stack<Block>? blocks))
            _free[size] = blocks = [];
        blocks.Push(block);
        _cached += size;
    }

    private nuint Reserve(CudaDriver driver, long size, long bytes, string purpose)
    {
        nuint address;
        int result = driver.MemAlloc(&address, (nuint)size);
        if (result == CudaResult.OutOfMemory && _cached > 0)
        {
            Trim();
            result = driver.MemAlloc(&address, (nuint)size);
        }
        if (result == CudaResult.OutOfMemory)
            throw new InsufficientDeviceMemoryException(Report(driver, bytes, purpose));
        _context.Check(result, "cuMemAlloc", size);
        return address;
    }

    private string Report(CudaDriver driver, long bytes, string purpose)
    {
        nuint free, total;
        _context.Check(driver.MemGetInfo(&free, &total), "cuMemGetInfo");
        var held = _context.Handles.Of(CudaHandleKind.Memory).Cast<CudaMemory>()
            .Select(memory => (memory.Purpose, Bytes: BlockSize(memory.Bytes))).ToList();
        long others = (long)(total - free) - held.Sum(block => block.Bytes);
        return MemoryReport.Text(_context.Label, bytes, purpose, (long)free, (long)total, held, others);
    }

    /// <param name="Marks">Events that are reached once nothing uses the block any more.</param>
    private readonly record struct Block(nuint Address, nint[] Marks);
}
