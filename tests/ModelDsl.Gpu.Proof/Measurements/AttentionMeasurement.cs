using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>Causal attention in bf16, each form, forward and backward.</summary>
public sealed class AttentionMeasurement : Measurement
{
    // The target of each form, relative to torch's flash backend.
    private static readonly (string Form, double Goal)[] s_goals = [("wgmma", 1), ("mma.sync", 0.8)];

    private static readonly (string Name, string Backend)[] s_backends =
        [("torch flash", "FLASH_ATTENTION"), ("torch cudnn", "CUDNN_ATTENTION"), ("torch efficient", "EFFICIENT_ATTENTION")];

    public override string Name => "attention";

    public override string Method =>
        "Causal, bf16, [B, T, H, D] in memory; 4 B H T T D / 2 operations forward, 2.5 times as many backward (Dao, 2023). "
        + "PyTorch: scaled_dot_product_attention with one backend forced, on views of the same layout; backward by autograd.grad.";

    public override int Order => 30;

    public override void Run(MeasureRun run)
    {
        (int Batch, int Heads, int Length, int HeadSize)[] sizes = run.Quick ? [(1, 2, 64, 64)] : [(16, 12, 1024, 64), (4, 32, 4096, 128)];
        foreach (var (batch, heads, length, headSize) in sizes)
            Add(run, batch, heads, length, headSize);
    }

    private static void Add(MeasureRun run, int batch, int heads, int length, int headSize)
    {
        int stride = heads * headSize;
        long count = (long)batch * length * stride;
        GpuMemory[] tensors = [.. Enumerable.Range(0, 8).Select(_ => run.Allocate(2 * count, "attention"))];
        foreach (GpuMemory tensor in tensors[..4])
            run.Random.Fill(run.Stream, tensor, count, TensorType.BF16);
        GpuMemory sums = run.Allocate(4L * batch * heads * length, "LogSumExp"), scratch = run.Allocate(4L * batch * heads * length, "scratch");
        var arguments = new GpuAttentionArguments
        {
            Query = tensors[0], Key = tensors[1], Value = tensors[2], Output = tensors[4], LogSumExp = sums, Type = TensorType.BF16, Batch = batch,
            QueryLength = length, KeyLength = length, Heads = heads, KeyHeads = heads, HeadSize = headSize, QueryStride = stride, KeyStride = stride,
            ValueStride = stride, OutputStride = stride, Scale = 1 / MathF.Sqrt(headSize), Causal = true,
        };
        var gradients = new GpuAttentionGradients
        {
            Output = tensors[3], Query = tensors[5], Key = tensors[6], Value = tensors[7], Scratch = scratch,
            OutputStride = stride, QueryStride = stride, KeyStride = stride, ValueStride = stride,
        };
        double operations = 2e-12 * batch * heads * length * (double)length * headSize;
        foreach (bool backward in new[] { false, true })
        {
            AttentionForm[] forms =
            [
                .. new GpuAttention(run.Device).Forms.Where(form => backward ? form.SupportsBackward(arguments, gradients) : form.SupportsForward(arguments)),
            ];
            foreach (AttentionForm form in forms)
            {
                string name = $"{(backward ? "backward" : "forward")} {form.Name} B {batch}, H {heads}, T {length}, D {headSize}";
                run.Attempt(name, () => run.AddRace(
                    name, "TFLOP/s", backward ? 2.5 * operations : operations, s_goals.FirstOrDefault(known => known.Form == form.Name).Goal,
                    [
                        run.OnDevice(form.Name, backward
                            ? () => form.Backward(run.Stream, arguments, gradients)
                            : () => form.Forward(run.Stream, arguments)),
                        .. s_backends.Select(backend => run.Torch(backend.Name, "attention", ("batch", batch), ("heads", heads), ("length", length),
                            ("head_size", headSize), ("backend", backend.Backend), ("backward", backward))),
                    ]));
            }
        }
        foreach (GpuMemory memory in (GpuMemory[])[.. tensors, sums, scratch])
            memory.Dispose();
    }
}
