namespace ModelDsl.Gpu;

/// <summary>
/// One way to compute attention on a device. All forms have the same meaning, <see cref="GpuAttentionArguments"/>, and
/// leave the same LogSumExp (natural logarithm), so one form's forward pass may be followed by another's backward pass.
/// </summary>
/// <remarks>
/// <see cref="GpuAttention"/> has checked the arguments before it asks a form: sizes are positive (only the last form, the
/// portable one, is given lengths of 0), pointers are there and aligned to elements (not more), strides hold a row. A
/// query that sees no key has Output 0, LogSumExp -infinity and gradients 0; QueryStart may be negative or beyond the
/// keys. Results are the same bits every time: no atomic sums.
/// </remarks>
internal abstract class AttentionForm
{
    /// <summary>What reports call it: "portable", "mma.sync", "wgmma".</summary>
    public abstract string Name { get; }

    /// <summary>Whether the device and its compiler have what the form needs and <see cref="Forward"/> takes these arguments.</summary>
    public abstract bool SupportsForward(in GpuAttentionArguments arguments);

    /// <summary>Whether <see cref="Backward"/> takes these.</summary>
    public abstract bool SupportsBackward(in GpuAttentionArguments arguments, in GpuAttentionGradients gradients);

    /// <summary>Queues the forward pass: writes Output, and LogSumExp where it is not null.</summary>
    public abstract void Forward(GpuStream stream, in GpuAttentionArguments arguments);

    /// <summary>Queues the backward pass: reads Output and LogSumExp, writes the gradients of Query, Key and Value.</summary>
    public abstract void Backward(GpuStream stream, in GpuAttentionArguments arguments, in GpuAttentionGradients gradients);
}
