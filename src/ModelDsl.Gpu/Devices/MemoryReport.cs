namespace ModelDsl.Gpu;

/// <summary>The message when a device's memory runs out: how much was requested, how much is free, and what uses the rest.</summary>
internal static class MemoryReport
{
    /// <param name="held">The blocks in use, each with its purpose.</param>
    /// <param name="others">Bytes in use that are not in <paramref name="held"/>.</param>
    public static string Text(
        string device, long bytes, string purpose, long free, long total, IEnumerable<(string Purpose, long Bytes)> held, long others = 0)
    {
        IEnumerable<string> holders = held
            .GroupBy(block => block.Purpose, block => block.Bytes)
            .OrderByDescending(holder => holder.Sum()).ThenBy(holder => holder.Key, StringComparer.Ordinal)
            .Select(holder => $"{holder.Key} {ByteSize.Text(holder.Sum())}{(holder.Count() > 1 ? $" in {holder.Count()} blocks" : "")}");
        if (others > 0)
            holders = holders.Append($"{ByteSize.Text(others)} by other programs, libraries and the driver");
        return $"{device} has no {ByteSize.Text(bytes)} for {purpose}: {ByteSize.Text(free)} of {ByteSize.Text(total)} are free. "
            + $"Held: {string.Join(", ", holders.DefaultIfEmpty("nothing"))}.";
    }
}
