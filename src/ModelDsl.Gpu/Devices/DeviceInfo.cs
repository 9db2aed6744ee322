namespace ModelDsl.Gpu;

/// <summary>A device of this machine, not opened.</summary>
/// <param name="Id">"cpu", "cuda:0", "opencl:0": the name for <c>GpuDevice.Open</c> and the tool's options.</param>
/// <param name="Kind">"CPU", "CUDA", "OpenCL".</param>
/// <param name="Memory">Total bytes.</param>
/// <param name="Capability">"AVX-512", "9.0", "OpenCL 3.0 PoCL".</param>
/// <param name="Problem">Why it cannot be opened; null if it can.</param>
public sealed record DeviceInfo(string Id, string Kind, string Name, long Memory, string Capability, string? Problem = null);

/// <summary>A library that devices need: found, with its version, or missing, with the folders searched.</summary>
/// <param name="Problem">Why it cannot be used; null if it can.</param>
public sealed record LibraryInfo(string Name, string? Version, string? Path, string? Problem);

/// <summary>The devices of this machine and the libraries that they need.</summary>
public sealed record DeviceList(IReadOnlyList<DeviceInfo> Devices, IReadOnlyList<LibraryInfo> Libraries);
