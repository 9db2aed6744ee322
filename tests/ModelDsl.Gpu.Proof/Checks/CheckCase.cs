using System.Diagnostics;

namespace ModelDsl.Gpu.Proof;

/// <summary>One check at one size.</summary>
/// <param name="Name">"adamw n 1023".</param>
public sealed record CheckCase(Check Check, string Name, Action<CheckRun> Body)
{
    /// <summary>Runs on a device; errors are in the result, nothing is thrown.</summary>
    /// <param name="seed">The seed of the program; each case derives its own numbers from it and its name.</param>
    public CheckResult Run(GpuDevice device, int seed)
    {
        if (Check.Needs.Refuse(device) is { } reason)
            return new(Name, []) { Skipped = reason };
        var clock = Stopwatch.StartNew();
        using var run = new CheckRun(device, OwnSeed(seed));
        try
        {
            Body(run);
            run.Finish();
            return new(Name, run.Results) { Elapsed = clock.Elapsed };
        }
        catch (CheckSkippedException skipped)
        {
            return new(Name, run.Results) { Skipped = skipped.Message, Elapsed = clock.Elapsed };
        }
        catch (Exception error) // whatever a kernel does, the other checks still run
        {
            string cause = error is CheckFailedException ? error.Message : $"{error.GetType().Name}: {error.Message}";
            return new(Name, run.Results) { Failure = cause, DeviceLost = error is GpuDeviceLostException, Elapsed = clock.Elapsed };
        }
    }

    public override string ToString() => Name;

    // FNV-1a: the same on every run and every machine, which string.GetHashCode is not.
    private int OwnSeed(int seed)
    {
        uint hash = 2166136261 ^ (uint)seed;
        foreach (char letter in Name)
            hash = (hash ^ letter) * 16777619;
        return (int)(hash & int.MaxValue);
    }
}

/// <summary>The device or its libraries do not support the check: not a failure.</summary>
public sealed class CheckSkippedException(string reason) : Exception(reason);

/// <summary>A check found an error: an overwritten guard, an output that was never compared.</summary>
public sealed class CheckFailedException(string message) : Exception(message);
