using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace ModelDsl.Gpu.Proof;

/// <summary>NVRTC's time for this library's kernels, and the time that the cache on disk saves.</summary>
public sealed class CompileMeasurement : Measurement
{
    public override string Name => "compile";

    public override string Method =>
        "The first variant of each kernel source, compiled for this GPU and loaded, in milliseconds. Cold: never compiled before (a define that differs each time). "
        + "From the cache: by a device that has compiled nothing, from the file on disk.";

    public override int Order => 70;

    public override DeviceNeeds Needs => DeviceNeeds.CudaFrom(50);

    public override void Run(MeasureRun run)
    {
        foreach (KernelSource source in Sources().Where(source => !source.IsHopper || run.Device.TakesHopperKernels).Take(run.Quick ? 2 : int.MaxValue))
            run.Attempt(source.Name, () => Add(run, source));
    }

    private static void Add(MeasureRun run, KernelSource source)
    {
        const int Times = 3;
        double[] cold = [.. Enumerable.Range(1, Times).Select(time => Milliseconds(run.Device,
            source with { Defines = [.. source.Defines, ("MODELDSL_PROOF_TIME", time.ToString(CultureInfo.InvariantCulture))] }))];
        run.Device.Compile(source);
        double[] kept = [.. Enumerable.Range(0, Times).Select(_ => Milliseconds(run.OpenAgain(), source))];
        run.Add(new($"{source.Name} {string.Join(' ', source.Defines.Select(define => $"{define.Name}={define.Value}"))}".Trim(), "ms", Sample.Of(cold),
            [new("from the cache", Sample.Of(kept), null)], null));
    }

    private static double Milliseconds(GpuDevice device, KernelSource source)
    {
        long begin = Stopwatch.GetTimestamp();
        device.Compile(source);
        return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
    }

    // Every kernel class has a static Variants.
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "ModelDsl.Gpu is published whole.")]
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "ModelDsl.Gpu is published whole.")]
    private static IEnumerable<KernelSource> Sources() => typeof(GpuDevice).Assembly.GetTypes()
        .Select(type => type.GetProperty("Variants", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?.GetValue(null))
        .OfType<IEnumerable<KernelSource>>()
        .SelectMany(variants => variants)
        .DistinctBy(source => source.Name)
        .OrderBy(source => source.Name, StringComparer.Ordinal);
}
