using System.Globalization;
using System.Text;

namespace ModelDsl.Gpu.Proof;

/// <summary>A report for people: on the terminal and as results.md.</summary>
internal static class ReportText
{
    public static string Markdown(ProofReport report) => string.Create(CultureInfo.InvariantCulture, $"""
        # GPU proof: {(report.Passed ? "passed" : "FAILED")}

        {Facts(report)}
        {Checks(report)}{Measurements(report)}
        """);

    public static string Checks(ProofReport report)
    {
        if (report.Checks.Count == 0)
            return "";
        var table = new TextTable("check", "passed", "failed", "skipped", "worst error / bound", "s");
        foreach (CheckSummary check in report.Checks)
            table.Add(check.Name, $"{check.Passed}", $"{check.Failures.Count}", $"{check.Skipped.Count}", Number(check.WorstRatio), Number(check.Seconds));
        var text = new StringBuilder($"## Checks\n\n{table}\n");
        foreach (CheckSummary check in report.Checks)
        {
            foreach (CheckFailure failure in check.Failures)
                text.AppendLine($"- **{failure.Case}**: {failure.Problem}");
            foreach (string reason in check.Skipped.Distinct())
                text.AppendLine($"- {check.Name}, not run: {reason}");
        }
        return text.AppendLine().ToString();
    }

    public static string Measurements(ProofReport report)
    {
        var text = new StringBuilder();
        foreach (MeasurementResult measurement in report.Measurements)
        {
            text.AppendLine($"## {measurement.Name}\n\n{measurement.Method}\n");
            if (measurement.Rows.Count > 0)
                text.AppendLine(Table(measurement.Rows));
            foreach (var (problem, peers) in Problems(measurement.Rows))
                text.AppendLine($"- {peers}: {problem}");
            if (measurement.Skipped is not null)
                text.AppendLine($"- not run: {measurement.Skipped}");
            if (measurement.Problem is not null)
                text.AppendLine($"- **{measurement.Problem}**");
            if (measurement.Clocks is not null)
                text.AppendLine($"- right after: {measurement.Clocks}");
            text.AppendLine();
        }
        return text.ToString();
    }

    private static string Table(IReadOnlyList<MeasurementRow> rows)
    {
        string[] peers = [.. rows.SelectMany(row => row.Peers).Select(peer => peer.Name).Distinct()];
        var table = new TextTable(["case", "unit", "ours", .. peers, "goal", "reached"]);
        foreach (MeasurementRow row in rows)
        {
            table.Add([
                row.Case, row.Unit, Figure(row.Ours), .. peers.Select(name => Figure(row.Peers.FirstOrDefault(peer => peer.Name == name)?.Value)),
                row.Goal?.Text ?? "", row.Goal is null ? "" : $"{(row.Goal.Reached is { } reached ? Number(reached) : "unknown")}{row.Goal.Met switch { true => " yes", false => " NO", null => "" }}",
            ]);
        }
        return table.ToString();
    }

    private static IEnumerable<(string Problem, string Peers)> Problems(IReadOnlyList<MeasurementRow> rows) => rows
        .SelectMany(row => row.Peers).Where(peer => peer.Problem is not null)
        .GroupBy(peer => peer.Problem!)
        .Select(group => (group.Key, string.Join(", ", group.Select(peer => peer.Name).Distinct())));

    private static string Facts(ProofReport report)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"- `{report.Command}`, seed {report.Seed}, {report.Started:yyyy-MM-dd HH:mm} UTC, {report.Seconds:0} s");
        if (report.Quick)
            text.AppendLine("- **Tiny sizes (--quick): the figures mean nothing.**");
        if (report.Device is { } device)
            text.AppendLine(CultureInfo.InvariantCulture, $"- {device.Id}: {device.Name}, capability {device.ComputeCapability / 10.0:0.0}, {device.Multiprocessors} multiprocessors, {device.Memory / (double)(1L << 30):0.0} GiB");
        text.AppendLine($"- {report.Host}");
        foreach (string clocks in report.Clocks)
            text.AppendLine($"- {clocks}");
        foreach (LibraryInfo library in report.Libraries)
            text.AppendLine($"- {library.Name}: {library.Problem ?? $"{library.Version} {library.Path}".Trim()}");
        if (report.Torch is not null)
            text.AppendLine($"- peer: {report.Torch}");
        if (report.CudaPeer is not null)
            text.AppendLine($"- peer for launches: {report.CudaPeer}");
        foreach (string problem in report.Problems)
            text.AppendLine($"- **{problem}**");
        return text.ToString();
    }

    private static string Figure(Sample? sample) => sample is null ? "-"
        : sample.Rounds == 1 ? Number(sample.Median) : $"{Number(sample.Median)} ({Number(sample.Minimum)} to {Number(sample.Maximum)})";

    // Three or four digits: more would be noise.
    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        0 => "0",
        _ => value.ToString("0.00##", CultureInfo.InvariantCulture),
    };
}
