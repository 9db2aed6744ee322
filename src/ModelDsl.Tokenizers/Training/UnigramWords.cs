using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Training;

/// <summary>The different words of a text with their counts, in a fixed order; a space is written as the Metaspace.</summary>
internal sealed class UnigramWords
{
    internal UnigramWords(PieceCounter counted)
    {
        int[] order = counted.Sorted();
        Texts = new byte[order.Length][];
        Counts = new long[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            var word = counted[order[i]];
            Texts[i] = word[0] == ' ' ? [0xE2, 0x96, 0x81, .. word[1..]] : word.ToArray();
            Counts[i] = counted.Occurrences(order[i]);
        }
    }

    internal byte[][] Texts { get; }

    internal long[] Counts { get; }

    /// <summary>Adds up something over all words: in fixed shares and in their order, so that the sum does not depend on the threads.</summary>
    internal TSum Sum<TSum>(int threads, Func<TSum> create, Action<TSum, int> add, Action<TSum, TSum> join)
    {
        const int shares = 64;
        var sums = new TSum[shares];
        Parallel.For(0, shares, new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount }, share =>
        {
            sums[share] = create();
            int end = (int)((share + 1L) * Texts.Length / shares);
            for (int i = (int)((long)share * Texts.Length / shares); i < end; i++) add(sums[share], i);
        });
        for (int share = 1; share < shares; share++) join(sums[0], sums[share]);
        return sums[0];
    }

    /// <summary>Where the characters of a word begin, and its length at the end.</summary>
    internal static List<int> Characters(ReadOnlySpan<byte> word)
    {
        var bounds = new List<int>();
        for (int i = 0, length; i < word.Length; i += length)
        {
            bounds.Add(i);
            Utf8.Read(word, i, out length);
        }
        bounds.Add(word.Length);
        return bounds;
    }
}

/// <summary>A candidate of the vocabulary.</summary>
/// <param name="Required">A single character, which stays whatever its probability.</param>
internal readonly record struct UnigramPiece(byte[] Text, double Score, bool Required);
