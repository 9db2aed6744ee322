namespace ModelDsl.Gpu.Proof;

/// <summary>Which sizes of a check run.</summary>
public enum CheckSizes
{
    /// <summary>A few small ones: seconds on a device that runs on the CPU.</summary>
    Quick,
    /// <summary>The quick sizes, and those for a GPU.</summary>
    Full,
}

/// <summary>
/// One kernel, or one call of a device, against a float64 reference. Derive from <see cref="Check{TSize}"/>; every
/// concrete class with a parameterless constructor is found by <see cref="CheckCatalogue"/>.
/// </summary>
public abstract class Check
{
    /// <summary>Its unique name, in lower case with spaces: "adamw", "attention forward mma".</summary>
    public abstract string Name { get; }

    /// <summary>The devices it runs on.</summary>
    public virtual DeviceNeeds Needs => DeviceNeeds.Any;

    /// <summary>The cases, one per size.</summary>
    public abstract IEnumerable<CheckCase> Cases(CheckSizes sizes);
}

/// <summary>A check over sizes.</summary>
/// <typeparam name="TSize">A tuple or a record; its <c>ToString</c> names the case, so it is short and unique.</typeparam>
public abstract class Check<TSize> : Check where TSize : notnull
{
    /// <summary>Small and awkward: odd lengths, one element, a partial tile.</summary>
    protected abstract IReadOnlyList<TSize> Quick { get; }

    /// <summary>Additional sizes on a GPU: those of real models.</summary>
    protected virtual IReadOnlyList<TSize> Full => [];

    /// <summary>
    /// Creates inputs and poisoned outputs with <paramref name="run"/>, launches, and calls
    /// <see cref="CheckRun.Expect(CheckBuffer, ReadOnlySpan{double}, ReadOnlySpan{double})"/> for every output.
    /// </summary>
    protected abstract void Run(CheckRun run, TSize size);

    public sealed override IEnumerable<CheckCase> Cases(CheckSizes sizes) =>
        (sizes == CheckSizes.Quick ? Quick : Quick.Concat(Full)).Select(size => new CheckCase(this, $"{Name} {size}", run => Run(run, size)));
}
