using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Training;

/// <summary>
/// Counts the pieces of files that need not fit into memory: blocks of some megabytes, each cut at a line's end, are
/// counted by several threads at once. Where the blocks end does not depend on the threads, so neither does the result.
/// </summary>
internal static class PieceReader
{
    private const int BlockSize = 4 << 20;
    private const int LongestLine = 64 << 20;

    internal static PieceCounter Count(IReadOnlyList<string> files, PatternScanner scanner, int threads, IProgress<TrainingProgress>? progress)
    {
        if (files.Count == 0) throw new ArgumentException("There is no file to train on.", nameof(files));
        long total = files.Sum(file => new FileInfo(file).Length), done = 0;
        using var counters = new ThreadLocal<PieceCounter>(() => new PieceCounter(), trackAllValues: true);
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount };
        Parallel.ForEach(Blocks(files), options, block =>
        {
            CountBlock(block, scanner, counters.Value!);
            progress?.Report(new TrainingProgress("counting", Interlocked.Add(ref done, block.Length), total));
        });
        var all = new PieceCounter();
        foreach (var counter in counters.Values) all.Add(counter);
        return all;
    }

    internal static PieceCounter Count(ReadOnlySpan<byte> text, PatternScanner scanner)
    {
        var counter = new PieceCounter();
        CountBlock(text, scanner, counter);
        return counter;
    }

    private static void CountBlock(ReadOnlySpan<byte> text, PatternScanner scanner, PieceCounter counter)
    {
        Span<int> cuts = stackalloc int[256];
        for (int from = 0; from < text.Length;)
        {
            int count = scanner.Cut(text, from, cuts);
            foreach (int cut in cuts[..count])
            {
                int end = cut < 0 ? ~cut : cut;
                counter.Add(text[from..end], 1);
                from = end;
            }
        }
    }

    private static IEnumerable<byte[]> Blocks(IReadOnlyList<string> files)
    {
        foreach (string file in files)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
            var buffer = new byte[BlockSize];
            int held = 0;
            for (int read; (read = stream.Read(buffer, held, buffer.Length - held)) > 0;)
            {
                held += read;
                if (held < buffer.Length) continue;
                int cut = Array.LastIndexOf(buffer, (byte)'\n', held - 1) + 1;
                if (cut == 0 && buffer.Length < LongestLine)
                {
                    Array.Resize(ref buffer, 2 * buffer.Length);
                    continue;
                }
                if (cut == 0) cut = held;
                yield return buffer[..cut];
                held -= cut;
                var rest = new byte[BlockSize > held ? BlockSize : 2 * held];
                Array.Copy(buffer, cut, rest, 0, held);
                buffer = rest;
            }
            if (held > 0) yield return buffer[..held];
        }
    }
}
