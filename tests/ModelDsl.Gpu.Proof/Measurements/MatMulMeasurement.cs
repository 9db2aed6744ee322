using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>Matrix products, at the peak and at GPT-2's shapes in every type and with every epilogue.</summary>
public abstract class MatMulMeasurement : Measurement
{
    protected static void Add(MeasureRun run, MatMulSize size, double goal = 0) => run.Attempt(size.ToString(), () => Race(run, size, goal));

    private static void Race(MeasureRun run, MatMulSize size, double goal)
    {
        GpuMemory a = Random(run, "A", (long)size.M * size.K, size.Type, 1);
        GpuMemory b = Random(run, "B", (long)size.K * size.N, size.Type, 1 / Math.Sqrt(size.K));
        GpuMemory d = run.Allocate((long)size.M * size.N * (size.Result.Bits() / 8), "D");
        GpuMemory bias = Random(run, "bias", Math.Max(size.M, size.N), size.Result, 1);
        GpuMemory? auxiliary = MatMulEpilogues.HasAuxiliary(size.Epilogue) ? Random(run, "auxiliary", (long)size.M * size.N, size.Result, 1) : null;
        var arguments = new MatMulArguments
        {
            M = size.M, N = size.N, K = size.K, AllowTf32 = size.Tf32, Epilogue = size.Epilogue,
            A = new(a, size.Type, size.TransposedA ? size.M : size.K, size.TransposedA),
            B = new(b, size.Type, size.TransposedB ? size.K : size.N, size.TransposedB),
            D = new(d, size.Result, size.N), Bias = bias, Auxiliary = auxiliary?.Address ?? default, AuxiliaryStride = auxiliary is null ? 0 : size.N,
        };
        run.AddRace(size.ToString(), "TFLOP/s", 2e-12 * size.M * size.N * size.K, goal,
            run.OnDevice("matmul", () => run.Device.MatMul(run.Stream, arguments)),
            run.Torch("torch", "gemm", ("m", size.M), ("n", size.N), ("k", size.K), ("type", size.Type.ToString()), ("result", size.Result.ToString()),
                ("layout", size.Layout), ("epilogue", size.Epilogue.ToString()), ("tf32", size.Tf32)));
        foreach (GpuMemory? memory in new[] { a, b, d, bias, auxiliary })
            memory?.Dispose();
    }

    private static GpuMemory Random(MeasureRun run, string name, long count, TensorType type, double deviation)
    {
        GpuMemory memory = run.Allocate(count * (type.Bits() / 8), name);
        run.Random.Fill(run.Stream, memory, count, type, deviation);
        return memory;
    }
}

/// <summary>The tensor cores at their best: bf16, 8192 cubed.</summary>
public sealed class MatMulPeakMeasurement : MatMulMeasurement
{
    public override string Name => "matmul peak";

    public override string Method => "D = A B in bf16, normally distributed (not zeros, which draw less power and run faster). PyTorch: torch.mm.";

    public override int Order => 20;

    public override void Run(MeasureRun run)
    {
        int size = run.Quick ? 48 : 8192;
        Add(run, new(size, size, size, TensorType.BF16, TensorType.BF16), 1);
    }
}

/// <summary>GPT-2 124M's products.</summary>
public sealed class MatMulShapesMeasurement : MatMulMeasurement
{
    public override string Name => "matmul shapes";

    public override string Method =>
        "Products of GPT-2 124M at 16,384 tokens: D[M, N] of K, with the epilogue fused. PyTorch does the same in as many calls as it takes "
        + "(addmm, _addmm_activation, gelu, gelu_backward, sum, _scaled_mm). Operands are used again and again, as in a training loop over one batch.";

    public override int Order => 60;

    public override void Run(MeasureRun run)
    {
        int tokens = run.Quick ? 32 : 16384, width = run.Quick ? 48 : 768;
        TensorType brain = TensorType.BF16;
        foreach (MatMulEpilogue epilogue in MatMulEpilogues.All)
            Add(run, Shape(brain, epilogue));
        Add(run, new(tokens, 3 * width, width, brain, brain, MatMulEpilogue.Bias, "nt"));
        Add(run, new(tokens, width, 4 * width, brain, brain, MatMulEpilogue.Bias, "nt"));
        Add(run, new(tokens, run.Quick ? 64 : 50304, width, brain, brain, Layout: "nt"));
        foreach (TensorType type in new[] { TensorType.F32, TensorType.F16 })
            foreach (MatMulEpilogue epilogue in new[] { MatMulEpilogue.None, MatMulEpilogue.GeluBias, MatMulEpilogue.BiasGradientOfA })
                Add(run, Shape(type, epilogue));
        if (run.Device.ComputeCapability < 80)
            return;
        Add(run, Shape(TensorType.F32, MatMulEpilogue.None) with { Tf32 = true });
        Add(run, Shape(TensorType.F32, MatMulEpilogue.GeluBias) with { Tf32 = true });
        if (run.Device.ComputeCapability < 89)
            return;
        foreach (MatMulEpilogue epilogue in new[] { MatMulEpilogue.None, MatMulEpilogue.Bias, MatMulEpilogue.GeluBias })
            Add(run, Shape(TensorType.F8E4M3, epilogue) with { Result = brain });

        MatMulSize Shape(TensorType type, MatMulEpilogue epilogue) => epilogue == MatMulEpilogue.BiasGradientOfA
            ? new(4 * width, width, tokens, type, type, epilogue, MatMulEpilogues.Layout(epilogue)) // the gradient of the weights
            : new(tokens, 4 * width, width, type, type, epilogue, MatMulEpilogues.Layout(epilogue));
    }
}
