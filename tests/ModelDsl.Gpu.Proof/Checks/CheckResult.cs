namespace ModelDsl.Gpu.Proof;

/// <summary>One output's worst element against its reference.</summary>
/// <param name="Error">|value - reference| at <paramref name="Index"/>; NaN if the output was not written.</param>
/// <param name="Bound">The largest allowed error there.</param>
/// <param name="Index">The element with the largest error over bound.</param>
public sealed record OutputError(string Output, double Error, double Bound, int Index, double Value, double Reference)
{
    public bool Passed => Error <= Bound;

    public override string ToString() =>
        $"{Output}[{Index}] = {Value:g7}, reference {Reference:g7}: error {Error:g3}, bound {Bound:g3}";
}

/// <summary>The result of one case.</summary>
public sealed record CheckResult(string Name, IReadOnlyList<OutputError> Outputs)
{
    /// <summary>Why it could not finish, or what else is wrong; null if nothing is.</summary>
    public string? Failure { get; init; }

    /// <summary>Why it did not run; null if it did.</summary>
    public string? Skipped { get; init; }

    /// <summary>The device must be opened again before the next check.</summary>
    public bool DeviceLost { get; init; }

    public TimeSpan Elapsed { get; init; }

    public bool Passed => Failure is null && Skipped is null && Outputs.All(output => output.Passed);

    /// <summary>A description of the failure.</summary>
    public string Problem => string.Join("; ", Outputs.Where(output => !output.Passed).Select(output => output.ToString()).Append(Failure).Where(text => text is not null));
}
