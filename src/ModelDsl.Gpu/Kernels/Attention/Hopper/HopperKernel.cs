namespace ModelDsl.Gpu;

/// <summary>One of Hopper's attention kernels for one head size, compiled at its first use.</summary>
/// <param name="localBytes">On-chip memory of a group.</param>
internal sealed class HopperKernel(GpuDevice device, string file, HopperTiles tiles, int localBytes)
{
    private readonly Lazy<GpuKernel> _kernel = new(() => device.Compile(tiles.Source(file))[Path.GetFileNameWithoutExtension(file)]);

    public int HeadSize => tiles.HeadSize;

    /// <summary>Whether the device has enough on-chip memory for it.</summary>
    public bool Fits => localBytes <= device.MaxLocalMemory;

    /// <summary>Queues it over [rows, heads, batch], one group per <see cref="HopperTiles.Rows"/> rows.</summary>
    public void Launch(GpuStream stream, int rows, int heads, int batch, params ReadOnlySpan<KernelArgument> arguments) =>
        _kernel.Value.Launch(
            stream, new((rows + tiles.Rows - 1) / tiles.Rows, tiles.Threads, heads, 1, batch, 1, localBytes), arguments);
}
