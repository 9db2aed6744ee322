// One measurement in one process, so that no text was seen before it is measured. Prints a line of JSON.
using System.Diagnostics;
using System.Text;
using ModelDsl.Tokenizers;
using ModelDsl.Tokenizers.Training;

switch (args)
{
    case ["encode", var vocabulary, var warm, var text, var threads]:
        Measure.Encode(Tokenizer.Load(vocabulary), File.ReadAllBytes(warm), File.ReadAllBytes(text), int.Parse(threads));
        return 0;
    case ["decode", var vocabulary, var warm, var text]:
        Measure.Decode(Tokenizer.Load(vocabulary), File.ReadAllBytes(warm), File.ReadAllBytes(text));
        return 0;
    case ["scaling", var vocabulary]:
        Measure.Scaling(Tokenizer.Load(vocabulary));
        return 0;
    case ["train", var file, var size, var threads]:
        Measure.Train(file, int.Parse(size), int.Parse(threads));
        return 0;
    case ["save", var vocabulary, var output]:
        Tokenizer.Load(vocabulary).Save(output);
        return 0;
    default:
        Console.Error.WriteLine("encode VOCABULARY WARM TEXT THREADS | decode VOCABULARY WARM TEXT | scaling VOCABULARY | train FILE SIZE THREADS | save VOCABULARY OUT");
        return 2;
}

internal static class Measure
{
    private const double WarmSeconds = 1.5;

    internal static void Encode(Tokenizer tokenizer, byte[] warm, byte[] text, int threads)
    {
        var buffer = new TokenBuffer(Math.Max(text.Length, warm.Length));
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < WarmSeconds;)
        {
            buffer.Clear();
            tokenizer.Encode(warm, buffer);
            if (threads > 1) tokenizer.EncodeBatch(Lines(warm, threads * 8), threads: threads);
        }
        buffer.Clear();
        var parts = Lines(text, threads * 8);
        var watch = Stopwatch.StartNew();
        long tokens;
        if (threads > 1)
        {
            tokens = tokenizer.EncodeBatch(parts, threads: threads).Sum(ids => (long)ids.Length);
        }
        else
        {
            tokenizer.Encode(text, buffer);
            tokens = buffer.Count;
        }
        Print(text.Length, tokens, watch.Elapsed.TotalSeconds);
    }

    internal static void Decode(Tokenizer tokenizer, byte[] warm, byte[] text)
    {
        int[] warmIds = tokenizer.Encode(warm), ids = tokenizer.Encode(text);
        var output = new System.Buffers.ArrayBufferWriter<byte>(Math.Max(warm.Length, text.Length) + 64);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < WarmSeconds;)
        {
            output.ResetWrittenCount();
            tokenizer.Decode(warmIds, output);
        }
        output.ResetWrittenCount();
        output.GetSpan(text.Length + 64).Clear(); // the memory is there before the clock runs
        var watch = Stopwatch.StartNew();
        tokenizer.Decode(ids, output);
        double seconds = watch.Elapsed.TotalSeconds;
        if (!output.WrittenSpan.SequenceEqual(text)) throw new InvalidDataException("the text did not come back");
        Print(text.Length, ids.Length, seconds);
    }

    /// <summary>Runs of one letter, of spaces and of one emoji sequence, each twice as long as the one before.</summary>
    internal static void Scaling(Tokenizer tokenizer)
    {
        var buffer = new TokenBuffer(1 << 22);
        foreach (string unit in new[] { "a", " ", "\uD83D\uDC69\u200D\uD83D\uDC69\u200D\uD83D\uDC66" })
        {
            byte[] bytes = Encoding.UTF8.GetBytes(unit);
            var line = new StringBuilder($"{{\"unit\": \"{Convert.ToHexString(bytes)}\", \"milliseconds\": {{");
            for (int size = 1 << 17; size <= 1 << 21; size *= 2)
            {
                byte[] text = [.. Enumerable.Repeat(bytes, size / bytes.Length).SelectMany(b => b)];
                double best = double.MaxValue;
                for (int i = 0; i < 5; i++)
                {
                    buffer.Clear();
                    var watch = Stopwatch.StartNew();
                    tokenizer.Encode(text, buffer);
                    best = Math.Min(best, watch.Elapsed.TotalMilliseconds);
                }
                line.Append($"{(size == 1 << 17 ? "" : ", ")}\"{size}\": {best:F2}");
            }
            Console.WriteLine(line.Append("}}"));
        }
    }

    internal static void Train(string file, int size, int threads)
    {
        var watch = Stopwatch.StartNew();
        var tokenizer = BpeTrainer.Train([file], new BpeTrainerOptions { Vocabulary = size, Threads = threads, Pattern = ModelDsl.Tokenizers.Patterns.SplitPatterns.Gpt2 });
        Print(new FileInfo(file).Length, tokenizer.Vocabulary, watch.Elapsed.TotalSeconds);
    }

    private static ReadOnlyMemory<byte>[] Lines(byte[] text, int parts)
    {
        var result = new List<ReadOnlyMemory<byte>>();
        for (int from = 0; from < text.Length;)
        {
            int end = Math.Min(text.Length, from + text.Length / parts + 1);
            while (end < text.Length && text[end - 1] != '\n') end++;
            result.Add(text.AsMemory(from, end - from));
            from = end;
        }
        return [.. result];
    }

    private static void Print(long bytes, long tokens, double seconds) =>
        Console.WriteLine($"{{\"bytes\": {bytes}, \"tokens\": {tokens}, \"seconds\": {seconds:F6}, \"mb_per_s\": {bytes / 1e6 / seconds:F2}}}");
}
