namespace ModelDsl.Gpu;

/// <summary>A device that is here, not yet opened.</summary>
/// <param name="Id">"cpu", "cuda:0", "opencl:0": what <c>GpuDevice.Open</c> and the tool's options take.</param>
/// <param name="Kind">"CPU", "CUDA", "OpenCL".</param>
/// <param name="Memory">Bytes in all.</param>
/// <param name="Capability">"AVX-512", "9.0", "OpenCL 3.0 PoCL".</param>
/// <param name="Problem">Why it cannot be opened; null where it can.</param>
public sealed record DeviceInfo(string Id, string Kind, string Name, long Memory, string Capability, string? Problem = null);

/// <summary>A library that devices need: found, with its version, or missing, with where it was looked for.</summary>
/// <param name="Problem">Why it cannot be used; null where it can.</param>
public sealed record LibraryInfo(string Name, string? Version, string? Path, string? Problem);

/// <summary>The devices here and the libraries behind them.</summary>
public sealed record DeviceList(IReadOnlyList<DeviceInfo> Devices, IReadOnlyList<LibraryInfo> Libraries);
