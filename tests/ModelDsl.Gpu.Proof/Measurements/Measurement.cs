namespace ModelDsl.Gpu.Proof;

/// <summary>A measurement next to PyTorch on the same GPU. <see cref="All"/> discovers every concrete class.</summary>
public abstract class Measurement
{
    /// <summary>By <see cref="Order"/>.</summary>
    public static IReadOnlyList<Measurement> All { get; } = [.. Discovery.Instances<Measurement>().OrderBy(measurement => measurement.Order)];

    /// <summary>"attention".</summary>
    public abstract string Name { get; }

    /// <summary>Describes what is timed and how, for the reader of the results.</summary>
    public abstract string Method { get; }

    /// <summary>The most important first: if time runs out, the last are skipped.</summary>
    public abstract int Order { get; }

    public virtual DeviceNeeds Needs => DeviceNeeds.Any;

    /// <summary>Adds rows to <paramref name="run"/>.</summary>
    public abstract void Run(MeasureRun run);
}
