namespace ModelDsl.Gpu.Proof;

/// <summary>The options of a run.</summary>
public sealed record ProofOptions
{
    /// <summary>"cuda:0", "opencl:0".</summary>
    public string Device { get; init; } = "cuda:0";

    public bool Check { get; init; } = true;

    public bool Measure { get; init; } = true;

    public int Seed { get; init; }

    /// <summary>Only checks and measurements whose names contain one of these; empty means all.</summary>
    public IReadOnlyList<string> Filter { get; init; } = [];

    /// <summary>Checks and measurements whose names contain one of these are left out.</summary>
    public IReadOnlyList<string> Skip { get; init; } = [];

    public DirectoryInfo? Output { get; init; }

    /// <summary>Tiny sizes, and peers on the CPU.</summary>
    public bool Quick { get; init; }

    /// <summary>The interpreter that has PyTorch; null means no peer.</summary>
    public string? Python { get; init; } = "python3";

    /// <summary>Work that has not begun by then is skipped and reported.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(8);

    public bool Wants(string name) => (Filter.Count == 0 || IsOf(Filter, name)) && !IsOf(Skip, name);

    private static bool IsOf(IReadOnlyList<string> parts, string name) => parts.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));
}
