namespace ModelDsl.Gpu.Proof;

/// <summary>All results of a run, as written to results.json.</summary>
public sealed class ProofReport
{
    /// <summary>The arguments of this run.</summary>
    public required string Command { get; init; }

    public DateTime Started { get; } = DateTime.UtcNow;

    /// <summary>Determines every random number.</summary>
    public required int Seed { get; init; }

    /// <summary>Tiny sizes: the figures mean nothing.</summary>
    public required bool Quick { get; init; }

    public double Seconds { get; set; }

    /// <summary>The opened device; null if it did not open.</summary>
    public DeviceSummary? Device { get; set; }

    public required string Host { get; init; }

    /// <summary>Driver, clocks, temperature and power from nvidia-smi, at the beginning and at the end.</summary>
    public List<string> Clocks { get; } = [];

    public IReadOnlyList<LibraryInfo> Libraries { get; set; } = [];

    public string? Torch { get; set; }

    public string? CudaPeer { get; set; }

    public List<CheckSummary> Checks { get; } = [];

    public List<MeasurementResult> Measurements { get; } = [];

    /// <summary>Other problems: the device does not open, time ran out.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Whether everything requested ran and every check passed. Missed targets are no failure.</summary>
    public bool Passed => Problems.Count == 0 && Checks.All(check => check.Failures.Count == 0) && Measurements.All(measurement => measurement.Problem is null);
}

/// <summary>The device under proof.</summary>
public sealed record DeviceSummary(string Id, string Name, int ComputeCapability, int Multiprocessors, long Memory);

/// <summary>All cases of one check.</summary>
/// <param name="Skipped">Cases that did not run, with the reason.</param>
/// <param name="WorstRatio">The largest error over its bound among those that passed; 0 if all were exact.</param>
public sealed record CheckSummary(
    string Name, int Passed, IReadOnlyList<CheckFailure> Failures, IReadOnlyList<string> Skipped, double WorstRatio, double Seconds, IReadOnlyList<CheckCaseSummary> Cases);

/// <summary>A failed case and its problem.</summary>
public sealed record CheckFailure(string Case, string Problem);

/// <summary>One case: its outputs' largest errors and bounds.</summary>
public sealed record CheckCaseSummary(string Name, IReadOnlyList<CheckOutputSummary> Outputs);

/// <summary>One output's worst element; null represents NaN, which JSON lacks.</summary>
public sealed record CheckOutputSummary(string Output, double? Error, double? Bound);
