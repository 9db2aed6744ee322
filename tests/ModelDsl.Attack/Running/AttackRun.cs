using System.Diagnostics;
using System.Globalization;

namespace ModelDsl.Attacks.Running;

/// <summary>What a run is asked to do.</summary>
internal sealed record RunOptions
{
    public required ulong Seed { get; init; }

    /// <summary>For all attacks together, by their weights; null runs the quick cases of each.</summary>
    public TimeSpan? Duration { get; init; }

    public required IReadOnlyList<Attack> Attacks { get; init; }

    /// <summary>Where failing inputs go.</summary>
    public required string Output { get; init; }
}

/// <summary>Runs attacks one after the other and tells what became of them.</summary>
internal sealed class AttackRun(RunOptions options, TextWriter progress)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public IReadOnlyList<AttackResult> Run()
    {
        var missing = options.Attacks.ToDictionary(attack => attack, attack => attack.Missing());
        int weights = missing.Where(pair => pair.Value is null).Sum(pair => pair.Key.Weight);
        string scratch = Directory.CreateTempSubdirectory("modeldsl-attack-").FullName;
        try
        {
            return [.. options.Attacks.Select(attack => missing[attack] is { } reason
                ? AttackResult.NotRun(attack.Name, reason)
                : Run(attack, Path.Combine(scratch, attack.Name), options.Duration * attack.Weight / Math.Max(1, weights)))];
        }
        finally
        {
            Mounts.RemoveBelow(scratch);
            Directory.Delete(scratch, recursive: true);
        }
    }

    private AttackResult Run(Attack attack, string scratch, TimeSpan? limit)
    {
        Say(attack.Name, "begins");
        var result = new Supervisor(attack, options.Seed, scratch, options.Output).Run(
            limit ?? TimeSpan.MaxValue, limit is null ? attack.QuickCases : long.MaxValue, state => Say(attack.Name, Describe(state)));
        Say(attack.Name, $"ends: {Describe(result)}");
        return result;
    }

    private static string Describe(AttackResult result) => string.Create(CultureInfo.InvariantCulture, $"{result.Cases:N0} cases, {result.Failed} failed");

    private void Say(string attack, string text) => progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{_clock.Elapsed.TotalSeconds,7:0.0} s] {attack}: {text}"));
}
