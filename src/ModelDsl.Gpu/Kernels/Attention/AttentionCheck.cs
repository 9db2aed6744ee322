using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>Checks that the arguments of an attention are consistent, with clear errors.</summary>
internal static class AttentionCheck
{
    private const int MaxHeadSize = 256, MaxPosition = 1 << 30;

    public static void Forward(in GpuAttentionArguments a)
    {
        if (a.Type is not (TensorType.F32 or TensorType.BF16))
            throw Problem(a, $"elements are F32 or BF16, not {a.Type}");
        if (a.Batch < 0 || a.QueryLength < 0 || a.KeyLength < 0)
            throw Problem(a, "a size is negative");
        if (a.KeyHeads <= 0 || a.Heads <= 0 || a.Heads % a.KeyHeads != 0)
            throw Problem(a, $"{a.Heads} query heads cannot share {a.KeyHeads} key heads evenly");
        if (a.HeadSize is < 1 or > MaxHeadSize)
            throw Problem(a, $"a head has 1 to {MaxHeadSize} elements, not {a.HeadSize}");
        if (!(a.Scale >= 0 && float.IsFinite(a.Scale)))
            throw Problem(a, $"the scale of the scores is {a.Scale}; it must be finite and not negative");
        if (!(a.SoftCap >= 0 && float.IsFinite(a.SoftCap)))
            throw Problem(a, $"the soft cap is {a.SoftCap}; it must be finite and not negative (0 is none)");
        if (a.Window < 0)
            throw Problem(a, $"the window is {a.Window}; it must not be negative (0 is all)");
        if (a.Window > 0 && !a.Causal)
            throw Problem(a, "a window needs Causal");
        if (Math.Abs((long)a.QueryStart) + a.QueryLength > MaxPosition || a.KeyLength > MaxPosition)
            throw Problem(a, $"positions reach beyond {MaxPosition}");
        Rows(a, a.Query, a.QueryStride, a.Heads, a.QueryLength, "Query");
        Rows(a, a.Key, a.KeyStride, a.KeyHeads, a.KeyLength, "Key");
        Rows(a, a.Value, a.ValueStride, a.KeyHeads, a.KeyLength, "Value");
        Rows(a, a.Output, a.OutputStride, a.Heads, a.QueryLength, "Output");
        Floats(a, a.LogSumExp, "LogSumExp");
    }

    public static void Backward(in GpuAttentionArguments a, in GpuAttentionGradients g)
    {
        Forward(a);
        bool empty = a.Batch == 0 || a.QueryLength == 0;
        if (a.LogSumExp.IsNull && !empty)
            throw Problem(a, "the backward pass needs the LogSumExp that the forward pass has written");
        if (g.Scratch.IsNull && !empty)
            throw Problem(a, "the backward pass needs Scratch, [B, H, Tq] floats");
        Floats(a, g.Scratch, "Scratch");
        Rows(a, g.Output, g.OutputStride, a.Heads, a.QueryLength, "the gradient of Output");
        Rows(a, g.Query, g.QueryStride, a.Heads, a.QueryLength, "the gradient of Query");
        Rows(a, g.Key, g.KeyStride, a.KeyHeads, a.KeyLength, "the gradient of Key");
        Rows(a, g.Value, g.ValueStride, a.KeyHeads, a.KeyLength, "the gradient of Value");
    }

    private static void Rows(in GpuAttentionArguments a, GpuPointer pointer, int stride, int heads, int tokens, string name)
    {
        if (a.Batch == 0 || tokens == 0)
            return;
        int size = a.Type == TensorType.F32 ? 4 : 2;
        if (pointer.IsNull)
            throw Problem(a, $"{name} is null");
        if (pointer.Address % (nuint)size != 0)
            throw Problem(a, $"{name} at {pointer} is not aligned to elements of {size} bytes");
        if (stride < (long)heads * a.HeadSize)
            throw Problem(a, $"{name} has a stride of {stride} elements, less than its {heads} heads of {a.HeadSize}");
    }

    private static void Floats(in GpuAttentionArguments a, GpuPointer pointer, string name)
    {
        if (pointer.Address % sizeof(float) != 0)
            throw Problem(a, $"{name} at {pointer} is not aligned to floats");
    }

    private static ArgumentException Problem(in GpuAttentionArguments a, string problem) => new($"{a.Shape}: {problem}.");
}
