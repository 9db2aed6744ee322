namespace ModelDsl.Gpu.Proof;

/// <summary>The memory's bandwidth, to which every memory-bound kernel is compared.</summary>
public sealed class CopyMeasurement : Measurement
{
    public override string Name => "copy";

    public override string Method =>
        "A copy inside the device of 1 GiB, far more than its caches; bytes read and written. PyTorch: Tensor.copy_ of as many bytes.";

    public override int Order => 10;

    public override void Run(MeasureRun run)
    {
        int bytes = run.Quick ? 1 << 16 : 1 << 30;
        var (source, destination) = (run.Allocate(bytes, "copy source"), run.Allocate(bytes, "copy destination"));
        run.Random.Fill(run.Stream, source, bytes / 4, Runtime.TensorType.F32);
        run.AddRace($"{bytes >> 10} KiB", "GB/s", 2e-9 * bytes, 1,
            run.OnDevice("copy", () => run.Stream.Copy(destination, source, bytes)),
            run.Torch("torch", "copy", ("bytes", bytes)));
    }
}
