namespace ModelDsl.Gpu.Proof;

/// <summary>A device under check, opened on demand and again after a kernel has broken it.</summary>
public sealed class CheckSession(Func<GpuDevice> open) : IDisposable
{
    private GpuDevice? _device;

    /// <exception cref="GpuException">It cannot be opened.</exception>
    public GpuDevice Device => _device ??= open();

    /// <summary>Runs one case; throws none of its errors.</summary>
    public CheckResult Run(CheckCase item, int seed)
    {
        CheckResult result;
        try
        {
            result = item.Run(Device, seed);
        }
        catch (Exception error) when (_device is null) // it did not open
        {
            return new(item.Name, []) { Failure = $"the device does not open: {error.Message}" };
        }
        if (result.DeviceLost)
            Dispose();
        return result;
    }

    public void Dispose()
    {
        GpuDevice? device = _device;
        _device = null;
        try
        {
            device?.Dispose();
        }
        catch (GpuException)
        {
            // A broken device may fail to free its memory; it is opened again.
        }
    }
}
