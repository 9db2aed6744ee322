using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>
/// Forward and backward pass of one form of attention, twice from the same inputs: against float64, and the same bits.
/// </summary>
public abstract class AttentionCheck : Check<AttentionSize>
{
    /// <summary>The form's <see cref="AttentionForm.Name"/>.</summary>
    protected abstract string Form { get; }

    /// <summary>The type to which the form rounds probabilities before it multiplies them.</summary>
    protected virtual TensorType Probabilities => TensorType.F32;

    /// <summary>Whether the form has a backward pass at this size; if not, only the forward pass is checked.</summary>
    protected virtual bool HasBackward(AttentionSize size) => true;

    public override string Name => $"attention {Form}";

    protected override void Run(CheckRun run, AttentionSize size)
    {
        AttentionForm form = new GpuAttention(run.Device).Forms.FirstOrDefault(form => form.Name == Form)
            ?? throw new CheckSkippedException($"{run.Device.Id} has no form {Form}");
        var tensors = new AttentionTensors(run, size);
        int queries = size.Batch * size.Queries, keys = size.Batch * size.Keys, rows = size.Heads * queries;
        bool backward = HasBackward(size);
        CheckBuffer[][] passes = new CheckBuffer[2][];
        for (int pass = 0; pass < 2; pass++)
        {
            string again = pass == 0 ? "" : " again";
            CheckBuffer[] outputs = passes[pass] =
            [
                run.Output($"output{again}", queries * tensors.OutputStride, size.Type), run.Output($"log-sum-exp{again}", rows),
                .. backward ? (CheckBuffer[])
                [
                    run.Output($"query gradient{again}", queries * tensors.QueryGradientStride, size.Type),
                    run.Output($"key gradient{again}", keys * tensors.KeyGradientStride, size.Type),
                    run.Output($"value gradient{again}", keys * tensors.ValueGradientStride, size.Type),
                ] : [],
            ];
            var arguments = tensors.Arguments(outputs[0], outputs[1]);
            if (!form.SupportsForward(arguments))
                throw new CheckFailedException($"the form does not take {arguments.Shape}");
            if (queries > 0)
                form.Forward(run.Stream, arguments);
            if (!backward)
                continue;
            var gradients = tensors.Gradients(outputs[2], outputs[3], outputs[4], run.Scratch($"scratch{again}", rows));
            if (!form.SupportsBackward(arguments, gradients))
                throw new CheckFailedException($"the form has no backward pass of {arguments.Shape}");
            form.Backward(run.Stream, arguments, gradients);
        }
        var expected = new AttentionReference(size, tensors, Probabilities);
        run.Expect(passes[0][0], expected.Output, expected.OutputBound);
        run.Expect(passes[0][1], expected.LogSumExp, expected.LogSumExpBound);
        if (backward)
        {
            run.Expect(passes[0][2], expected.QueryGradient, expected.QueryBound);
            run.Expect(passes[0][3], expected.KeyGradient, expected.KeyBound);
            run.Expect(passes[0][4], expected.ValueGradient, expected.ValueBound);
        }
        for (int i = 0; i < passes[0].Length; i++)
            run.Expect(passes[1][i], run.Read(passes[0][i]), 0);
    }
}

/// <summary>The portable form: every head size, type, alignment and mask.</summary>
public sealed class PortableAttentionCheck : AttentionCheck
{
    protected override string Form => "portable";

    // Few head sizes: each is compiled separately, which takes longer than running it.
    protected override IReadOnlyList<AttentionSize> Quick =>
    [
        new(1, 1, 1, 1, 1, 12, TensorType.F32),
        new(2, 65, 65, 2, 1, 12, TensorType.F32) { Causal = true, Padding = 3 },
        new(1, 150, 150, 2, 2, 12, TensorType.F32) { Causal = true, Window = 40 },
        new(1, 100, 30, 1, 1, 12, TensorType.F32) { Causal = true, Window = 16, QueryStart = -20 }, // the first and the last see nothing
        new(1, 40, 80, 1, 1, 12, TensorType.F32) { Spread = 9 },
        new(1, 5, 0, 1, 1, 12, TensorType.F32),
        new(1, 0, 70, 2, 1, 12, TensorType.F32),
        new(1, 70, 131, 4, 2, 80, TensorType.BF16) { Causal = true, QueryStart = 61, Padding = 8 },
        new(1, 33, 90, 1, 1, 80, TensorType.BF16),
        new(1, 5, 7, 1, 1, 80, TensorType.BF16) { Padding = 1 },
        new(1, 66, 40, 3, 1, 20, TensorType.F32) { SoftCap = 1.5f },
        new(1, 20, 70, 1, 1, 20, TensorType.F32) { Causal = true, Window = 9, SoftCap = 3, QueryStart = 55 },
    ];

    protected override IReadOnlyList<AttentionSize> Full =>
    [
        new(1, 3, 5, 1, 1, 1, TensorType.F32), new(1, 70, 70, 1, 1, 33, TensorType.BF16), new(1, 90, 70, 1, 1, 64, TensorType.BF16),
        new(1, 9, 12, 1, 1, 256, TensorType.BF16) { Causal = true, QueryStart = 3 },
        new(2, 513, 513, 4, 4, 64, TensorType.F32) { Causal = true }, new(1, 300, 1000, 8, 2, 128, TensorType.BF16) { Causal = true, QueryStart = 700 },
        new(1, 257, 257, 2, 1, 256, TensorType.F32) { Causal = true, Window = 100 }, new(2, 200, 333, 2, 2, 96, TensorType.BF16) { SoftCap = 20 },
    ];
}
