namespace ModelDsl.Gpu;

/// <summary>Attention on a device: checks the arguments and chooses the fastest form that supports them and the device.</summary>
/// <remarks>
/// For the definition see <see cref="GpuAttentionArguments"/>. A query that sees no key has Output 0, LogSumExp -infinity and
/// gradients 0. Results are the same bits every time on one device.
/// </remarks>
public sealed class GpuAttention
{
    public GpuAttention(GpuDevice device) =>
        Forms = [new HopperAttention(device), new MmaAttention(device), new PortableAttention(device)];

    /// <summary>Fastest first; the last accepts everything.</summary>
    internal AttentionForm[] Forms { get; }

    /// <summary>Queues the forward pass: writes Output, and LogSumExp if it is not null.</summary>
    /// <exception cref="ArgumentException">A size, stride, type or pointer does not fit the others.</exception>
    public void Forward(GpuStream stream, in GpuAttentionArguments arguments)
    {
        AttentionCheck.Forward(arguments);
        if (arguments.Batch > 0 && arguments.QueryLength > 0)
            ForwardForm(arguments).Forward(stream, arguments);
    }

    /// <summary>
    /// Queues the backward pass: reads Output and LogSumExp of the forward pass and the gradient of Output, writes the
    /// gradients of Query, Key and Value.
    /// </summary>
    /// <exception cref="ArgumentException">A size, stride, type or pointer does not fit the others.</exception>
    public void Backward(GpuStream stream, in GpuAttentionArguments arguments, in GpuAttentionGradients gradients)
    {
        AttentionCheck.Backward(arguments, gradients);
        if (arguments.Batch > 0 && (arguments.QueryLength > 0 || arguments.KeyLength > 0))
            BackwardForm(arguments, gradients).Backward(stream, arguments, gradients);
    }

    /// <summary>The form that <see cref="Forward"/> uses: "portable", "mma.sync", "wgmma".</summary>
    public string ForwardFormName(in GpuAttentionArguments arguments) => ForwardForm(arguments).Name;

    /// <summary>The form that <see cref="Backward"/> uses.</summary>
    public string BackwardFormName(in GpuAttentionArguments arguments, in GpuAttentionGradients gradients) =>
        BackwardForm(arguments, gradients).Name;

    private AttentionForm ForwardForm(in GpuAttentionArguments arguments)
    {
        if (HasLengths(arguments))
            foreach (var form in Forms)
                if (form.SupportsForward(arguments))
                    return form;
        return Forms[^1];
    }

    private AttentionForm BackwardForm(in GpuAttentionArguments arguments, in GpuAttentionGradients gradients)
    {
        if (HasLengths(arguments))
            foreach (var form in Forms)
                if (form.SupportsBackward(arguments, gradients))
                    return form;
        return Forms[^1];
    }

    private static bool HasLengths(in GpuAttentionArguments arguments) => arguments.QueryLength > 0 && arguments.KeyLength > 0;
}
