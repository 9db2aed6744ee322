using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>The optimizer over the parameters of GPT-2 124M.</summary>
public sealed class AdamWMeasurement : Measurement
{
    private const double ShareOfCopy = 0.85;

    public override string Name => "adamw";

    public override string Method =>
        "One step of AdamW over 124,439,808 fp32 weights with fp32 gradients and moments: 28 bytes a weight read and written. "
        + "PyTorch: torch.optim.AdamW(fused=True) over one tensor. The copy runs in the same rounds.";

    public override int Order => 40;

    public override void Run(MeasureRun run)
    {
        long count = run.Quick ? 4096 : 124_439_808, bytes = 4 * count;
        GpuMemory[] tensors = [.. new[] { "weights", "gradients", "first moment", "second moment" }.Select(name => run.Allocate(bytes, name))];
        foreach (GpuMemory tensor in tensors[..2])
            run.Random.Fill(run.Stream, tensor, count, TensorType.F32, 0.02);
        var arguments = new GpuAdamWArguments
        {
            Weights = tensors[0], Gradients = tensors[1], FirstMoment = tensors[2], SecondMoment = tensors[3], Count = count,
            LearningRate = 3e-4f, Beta1 = 0.9f, Beta2 = 0.95f, Epsilon = 1e-8f, WeightDecay = 0.1f, BiasCorrection1 = 0.1f, BiasCorrection2 = 0.05f,
        };
        var optimizer = new GpuAdamW(run.Device);
        GpuMemory source = run.Allocate(bytes, "copy source"), destination = run.Allocate(bytes, "copy destination");
        var outcome = run.Race(
            run.OnDevice("adamw", () => optimizer.Update(run.Stream, arguments)),
            run.Torch("torch fused", "adamw", ("count", count)),
            run.OnDevice("copy", () => run.Stream.Copy(destination, source, bytes)));
        Sample ours = outcome[0].Seconds!.Map(Rate(28)), copy = outcome[2].Seconds!.Map(Rate(8));
        double share = ours.Median / copy.Median;
        run.Add(new($"{count} weights", "GB/s", ours,
            [new("torch fused", outcome[1].Seconds?.Map(Rate(28)), outcome[1].Problem), new("our copy", copy, null)],
            new($"{ShareOfCopy:0.##}x our copy", ShareOfCopy, share, share >= ShareOfCopy)));

        Func<double, double> Rate(double bytesOfWeight) => seconds => bytesOfWeight * count / seconds * 1e-9;
    }
}
