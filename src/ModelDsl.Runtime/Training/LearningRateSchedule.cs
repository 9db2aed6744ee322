using System.Globalization;

namespace ModelDsl.Runtime;

/// <summary>The learning rate as a pure function of the step. Every schedule rises linearly over its warm-up steps.</summary>
/// <param name="Peak">The rate after the warm-up.</param>
/// <param name="WarmupSteps">Step s of the warm-up has Peak * (s + 1) / WarmupSteps.</param>
public abstract record LearningRateSchedule(double Peak, long WarmupSteps)
{
    /// <summary>The rate of step <paramref name="step"/>, counted from 0.</summary>
    public double At(long step) => step < WarmupSteps ? Peak * (step + 1) / WarmupSteps : AfterWarmup(step);

    protected abstract double AfterWarmup(long step);

    /// <summary>How far <paramref name="step"/> is from <paramref name="begin"/> to <paramref name="end"/>, in [0, 1].</summary>
    protected static double Progress(long step, long begin, long end) =>
        step >= end ? 1 : Math.Max(0, (double)(step - begin) / (end - begin));

    /// <summary>The same text on every machine: checkpoints carry it.</summary>
    protected static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>The peak, for ever.</summary>
public sealed record ConstantSchedule(double Peak, long WarmupSteps = 0) : LearningRateSchedule(Peak, WarmupSteps)
{
    protected override double AfterWarmup(long step) => Peak;

    public override string ToString() => $"Constant(Peak={Text(Peak)} WarmupSteps={WarmupSteps})";
}

/// <summary>Half a cosine from the peak to <paramref name="Floor"/> at <paramref name="Steps"/> (Loshchilov and Hutter, 2017).</summary>
public sealed record CosineSchedule(double Peak, long Steps, long WarmupSteps = 0, double Floor = 0)
    : LearningRateSchedule(Peak, WarmupSteps)
{
    protected override double AfterWarmup(long step) =>
        Floor + (Peak - Floor) * 0.5 * (1 + Math.Cos(Math.PI * Progress(step, WarmupSteps, Steps)));

    public override string ToString() =>
        $"Cosine(Peak={Text(Peak)} Steps={Steps} WarmupSteps={WarmupSteps} Floor={Text(Floor)})";
}

/// <summary>A straight line from the peak to <paramref name="Floor"/> at <paramref name="Steps"/>.</summary>
public sealed record LinearSchedule(double Peak, long Steps, long WarmupSteps = 0, double Floor = 0)
    : LearningRateSchedule(Peak, WarmupSteps)
{
    protected override double AfterWarmup(long step) => Peak + (Floor - Peak) * Progress(step, WarmupSteps, Steps);

    public override string ToString() =>
        $"Linear(Peak={Text(Peak)} Steps={Steps} WarmupSteps={WarmupSteps} Floor={Text(Floor)})";
}

/// <summary>
/// The peak times the square root of warm-up steps over step (Vaswani et al., 2017): falls without knowing where the run
/// ends, so that one of any length can be gone on with.
/// </summary>
public sealed record InverseSquareRootSchedule(double Peak, long WarmupSteps) : LearningRateSchedule(Peak, WarmupSteps)
{
    protected override double AfterWarmup(long step) => Peak * Math.Sqrt((double)Math.Max(1, WarmupSteps) / (step + 1));

    public override string ToString() => $"InverseSquareRoot(Peak={Text(Peak)} WarmupSteps={WarmupSteps})";
}

/// <summary>
/// The peak until the last <paramref name="DecaySteps"/> of <paramref name="Steps"/>, then a straight line to
/// <paramref name="Floor"/> (warm-up, stable, decay: Hu et al., 2024).
/// </summary>
public sealed record WarmupStableDecaySchedule(double Peak, long Steps, long WarmupSteps, long DecaySteps, double Floor = 0)
    : LearningRateSchedule(Peak, WarmupSteps)
{
    protected override double AfterWarmup(long step) => Peak + (Floor - Peak) * Progress(step, Steps - DecaySteps, Steps);

    public override string ToString() =>
        $"WarmupStableDecay(Peak={Text(Peak)} Steps={Steps} WarmupSteps={WarmupSteps} DecaySteps={DecaySteps} Floor={Text(Floor)})";
}
