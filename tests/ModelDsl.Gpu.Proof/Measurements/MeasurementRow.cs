namespace ModelDsl.Gpu.Proof;

/// <summary>What somebody else needed for the same, or why there is no figure.</summary>
public sealed record PeerFigure(string Name, Sample? Value, string? Problem);

/// <summary>What a figure is held against: "at least 0.8 of torch flash". <see cref="Reached"/> is null where the other side is missing.</summary>
public sealed record Goal(string Text, double Wanted, double? Reached, bool? Met);

/// <summary>One line of a measurement's table.</summary>
/// <param name="Case">Sizes and form: "forward mma.sync B 16, H 12, T 1024, D 64".</param>
/// <param name="Unit">"TFLOP/s", "GB/s", "us".</param>
public sealed record MeasurementRow(string Case, string Unit, Sample Ours, IReadOnlyList<PeerFigure> Peers, Goal? Goal);

/// <summary>What came of one measurement.</summary>
/// <param name="Problem">Why it could not end; null where it did. Rows until then are kept.</param>
/// <param name="Skipped">Why it did not run; null where it did.</param>
/// <param name="Clocks">The GPU's clocks, temperature and power right after.</param>
public sealed record MeasurementResult(
    string Name, string Method, IReadOnlyList<MeasurementRow> Rows, string? Problem, string? Skipped, string? Clocks, double Seconds);
