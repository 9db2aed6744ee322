namespace ModelDsl.Gpu;

/// <summary>A call of a GPU's driver or library failed: which call, on which device, with which shape.</summary>
public class GpuException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A kernel does not compile; the message has the source line and the compiler's message.</summary>
public sealed class KernelCompilationException(string message, string log) : GpuException(message)
{
    /// <summary>The compiler's complete log.</summary>
    public string Log { get; } = log;
}

/// <summary>
/// A kernel has broken the device's context (an illegal address, a trap). Every later call throws this with the first
/// cause; dispose the device and open it again.
/// </summary>
public sealed class GpuDeviceLostException(string message) : GpuException(message);
