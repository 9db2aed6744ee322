using ModelDsl.Runtime;

namespace ModelDsl.Gpu.OpenCl;

/// <summary>
/// The blocks of a device's memory by size. A block that is returned is kept for the next request of its size; when the
/// driver has no more, all kept blocks are returned to it before an allocation fails.
/// </summary>
/// <param name="device">The device's name in errors.</param>
/// <param name="allocate">The driver's allocation: 0 if it has no such block.</param>
/// <param name="free">Returns a block to the driver.</param>
/// <param name="memory">The driver's free and total bytes.</param>
internal sealed class OpenClMemoryPool(
    string device, Func<long, nuint> allocate, Action<nuint> free, Func<(long Free, long Total)> memory) : IDisposable
{
    /// <summary>Sizes are rounded up to this, so that blocks of nearly equal size can be reused for each other.</summary>
    public const int Granularity = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<nuint, (long Bytes, string Purpose)> _held = [];
    private readonly Dictionary<long, Stack<nuint>> _kept = [];

    /// <summary>Bytes of blocks that are in use.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Bytes of blocks that are kept for later requests.</summary>
    public long KeptBytes { get; private set; }

    /// <exception cref="InsufficientDeviceMemoryException">Says how much was requested, how much is free, and what uses the rest.</exception>
    public nuint Take(long bytes, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        long size = (bytes + Granularity - 1) / Granularity * Granularity;
        lock (_lock)
        {
            nuint address;
            if (_kept.TryGetValue(size, out Stack<nuint>? stack) && stack.TryPop(out address))
                KeptBytes -= size;
            else if ((address = allocate(size)) == 0)
            {
                ReleaseKept();
                address = allocate(size);
                if (address == 0)
                    throw new InsufficientDeviceMemoryException(Report(bytes, purpose));
            }
            _held.Add(address, (size, purpose));
            HeldBytes += size;
            return address;
        }
    }

    public void Return(nuint address)
    {
        lock (_lock)
        {
            if (!_held.Remove(address, out (long Bytes, string Purpose) block))
                return; // the device was disposed first, and the block with it
            HeldBytes -= block.Bytes;
            KeptBytes += block.Bytes;
            if (!_kept.TryGetValue(block.Bytes, out Stack<nuint>? stack))
                _kept.Add(block.Bytes, stack = new());
            stack.Push(address);
        }
    }

    /// <summary>Returns every block to the driver, including those in use.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            ReleaseKept();
            foreach (nuint address in _held.Keys)
                free(address);
            _held.Clear();
            HeldBytes = 0;
        }
    }

    private void ReleaseKept()
    {
        foreach (Stack<nuint> stack in _kept.Values)
            while (stack.TryPop(out nuint address))
                free(address);
        KeptBytes = 0;
    }

    private string Report(long bytes, string purpose)
    {
        (long available, long total) = memory();
        return MemoryReport.Text(device, bytes, purpose, available, total, _held.Values.Select(block => (block.Purpose, block.Bytes)));
    }
}
