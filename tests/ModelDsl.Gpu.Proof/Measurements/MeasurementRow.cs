namespace ModelDsl.Gpu.Proof;

/// <summary>A peer's figure for the same work, or why there is none.</summary>
public sealed record PeerFigure(string Name, Sample? Value, string? Problem);

/// <summary>The target of a figure: "at least 0.8 of torch flash". <see cref="Reached"/> is null if the peer is missing.</summary>
public sealed record Goal(string Text, double Wanted, double? Reached, bool? Met);

/// <summary>One line of a measurement's table.</summary>
/// <param name="Case">Sizes and form: "forward mma.sync B 16, H 12, T 1024, D 64".</param>
/// <param name="Unit">"TFLOP/s", "GB/s", "us".</param>
public sealed record MeasurementRow(string Case, string Unit, Sample Ours, IReadOnlyList<PeerFigure> Peers, Goal? Goal);

/// <summary>The result of one measurement.</summary>
/// <param name="Problem">Why it could not finish; null if it did. Rows until then are kept.</param>
/// <param name="Skipped">Why it did not run; null if it did.</param>
/// <param name="Clocks">The GPU's clocks, temperature and power immediately afterwards.</param>
public sealed record MeasurementResult(
    string Name, string Method, IReadOnlyList<MeasurementRow> Rows, string? Problem, string? Skipped, string? Clocks, double Seconds);
