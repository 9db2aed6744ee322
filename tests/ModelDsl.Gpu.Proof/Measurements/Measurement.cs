namespace ModelDsl.Gpu.Proof;

/// <summary>Something that is measured, next to PyTorch on the same GPU. Every concrete class is found by <see cref="All"/>.</summary>
public abstract class Measurement
{
    /// <summary>By <see cref="Order"/>.</summary>
    public static IReadOnlyList<Measurement> All { get; } = [.. Discovery.Instances<Measurement>().OrderBy(measurement => measurement.Order)];

    /// <summary>"attention".</summary>
    public abstract string Name { get; }

    /// <summary>What is timed and how, for the reader of the results.</summary>
    public abstract string Method { get; }

    /// <summary>The most telling first: where time runs out the last are left out.</summary>
    public abstract int Order { get; }

    public virtual DeviceNeeds Needs => DeviceNeeds.Any;

    /// <summary>Adds rows to <paramref name="run"/>.</summary>
    public abstract void Run(MeasureRun run);
}
