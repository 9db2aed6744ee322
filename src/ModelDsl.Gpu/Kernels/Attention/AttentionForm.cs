namespace ModelDsl.Gpu;

/// <summary>
/// An implementation of attention on a device. All forms compute the same (<see cref="GpuAttentionArguments"/>) and
/// write the same LogSumExp (natural logarithm), so one form's backward pass can follow another's forward pass.
/// </summary>
/// <remarks>
/// <see cref="GpuAttention"/> checks the arguments before it calls a form: sizes are positive (only the last form, the
/// portable one, gets lengths of 0), pointers are not null and aligned to elements (not more), strides are at least a row. A
/// query that sees no key gets Output 0, LogSumExp -infinity and gradients 0; QueryStart may be negative or beyond the
/// keys. Results are the same bits every time: no atomic sums.
/// </remarks>
internal abstract class AttentionForm
{
    /// <summary>Its name in reports: "portable", "mma.sync", "wgmma".</summary>
    public abstract string Name { get; }

    /// <summary>Whether the device and its compiler support the form and <see cref="Forward"/> accepts these arguments.</summary>
    public abstract bool SupportsForward(in GpuAttentionArguments arguments);

    /// <summary>Whether <see cref="Backward"/> accepts these arguments.</summary>
    public abstract bool SupportsBackward(in GpuAttentionArguments arguments, in GpuAttentionGradients gradients);

    /// <summary>Queues the forward pass: writes Output, and LogSumExp if it is not null.</summary>
    public abstract void Forward(GpuStream stream, in GpuAttentionArguments arguments);

    /// <summary>Queues the backward pass: reads Output and LogSumExp, writes the gradients of Query, Key and Value.</summary>
    public abstract void Backward(GpuStream stream, in GpuAttentionArguments arguments, in GpuAttentionGradients gradients);
}
