using System.Globalization;

namespace ModelDsl.Attacks.Running;

/// <summary>The table that a run ends with.</summary>
internal static class ResultTable
{
    public static void Write(TextWriter output, IReadOnlyList<AttackResult> results, IReadOnlyList<Failure> failures)
    {
        string[][] rows =
        [
            ["attack", "cases", "accepted", "refused", "failed", "slowest", "time", "result"],
            .. results.Select(result => new[]
            {
                result.Name, Number(result.Cases), Number(result.Accepted), Number(result.Refused), Number(result.Failed),
                $"{result.SlowestSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s", $"{result.Elapsed.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s", Outcome(result),
            }),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => column is 0 or 7 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        foreach (var kind in failures.GroupBy(failure => (failure.Attack, failure.Kind)).OrderByDescending(kind => kind.Count()))
            output.WriteLine($"FAILED {kind.Key.Attack}, {kind.Count()} times: {kind.Key.Kind} (first: case {kind.First().Case})");
        long failed = results.Sum(result => result.Failed);
        output.WriteLine($"{(failed == 0 ? "PASSED" : "FAILED")}: {Number(results.Sum(result => result.Cases))} cases, {Number(failed)} failed, {results.Count(result => result.Skipped is not null)} attacks skipped");
    }

    private static string Outcome(AttackResult result) =>
        result.Skipped is { } reason ? $"skipped: {reason}" : (result.Failed == 0 ? "passed" : "FAILED") + (result.Ended is { } ended ? $", {ended}" : "");

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
