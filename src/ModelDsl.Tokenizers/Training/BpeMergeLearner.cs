using System.Runtime.InteropServices;
using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers.Training;

/// <summary>Learns merges from counted pieces. Each merge visits only the pieces that hold the pair.</summary>
internal sealed class BpeMergeLearner
{
    // Piece p is symbols[starts[p] .. starts[p] + lengths[p]); a merge shortens it in place.
    private readonly int[] symbols;
    private readonly int[] starts, lengths;
    private readonly long[] occurrences;

    private readonly Dictionary<ulong, int> pairIndex = [];
    private readonly List<Pair> pairs = [];
    private readonly PriorityQueue<int, (long NegativeCount, ulong Key)> queue = new();

    // Pieces may list one that has lost the pair since.
    private sealed class Pair(ulong key)
    {
        internal readonly ulong Key = key;
        internal readonly List<int> Pieces = [];
        internal long Count;
        internal bool Queued;
    }

    internal BpeMergeLearner(PieceCounter pieces)
    {
        var order = pieces.Sorted();
        (starts, lengths, occurrences) = (new int[order.Length], new int[order.Length], new long[order.Length]);
        long total = 0;
        foreach (int piece in order) total += pieces[piece].Length;
        if (total > Array.MaxLength) throw new InvalidDataException($"The text has {total} bytes of different pieces; at most {Array.MaxLength} can be trained on. A pattern that cuts more often helps.");
        symbols = new int[total];
        int at = 0;
        for (int i = 0; i < order.Length; i++)
        {
            var piece = pieces[order[i]];
            (starts[i], lengths[i], occurrences[i]) = (at, piece.Length, pieces.Occurrences(order[i]));
            foreach (byte b in piece) symbols[at++] = b;
        }
    }

    internal List<BpeMerge> Learn(int count, int minimumFrequency, IProgress<TrainingProgress>? progress)
    {
        for (int p = 0; p < starts.Length; p++)
            for (int i = 1; i < lengths[p]; i++) Count(symbols[starts[p] + i - 1], symbols[starts[p] + i], p, occurrences[p]);
        foreach (var pair in CollectionsMarshal.AsSpan(pairs)) Enqueue(pair);

        var merges = new List<BpeMerge>();
        var changed = new List<Pair>();
        while (merges.Count < count && queue.TryDequeue(out int index, out var priority))
        {
            var pair = pairs[index];
            pair.Queued = false;
            if (pair.Count != -priority.NegativeCount)
            {
                Enqueue(pair); // its count fell since it was queued
                continue;
            }
            if (pair.Count < minimumFrequency) break;
            var merge = new BpeMerge((int)(pair.Key >> 32), (int)(uint)pair.Key, 256 + merges.Count);
            foreach (int piece in pair.Pieces) Apply(merge, piece, changed);
            pair.Pieces.Clear();
            pair.Pieces.Capacity = 0;
            foreach (var grown in changed) Enqueue(grown);
            changed.Clear();
            merges.Add(merge);
            if (merges.Count % 256 == 0) progress?.Report(new TrainingProgress("merging", merges.Count, count));
        }
        return merges;
    }

    private void Apply(BpeMerge merge, int piece, List<Pair> changed)
    {
        var text = symbols.AsSpan(starts[piece], lengths[piece]);
        long weight = occurrences[piece];
        int written = 0;
        for (int read = 0; read < text.Length; read++)
        {
            if (text[read] != merge.Left || read + 1 == text.Length || text[read + 1] != merge.Right)
            {
                text[written++] = text[read];
                continue;
            }
            Count(merge.Left, merge.Right, piece, -weight);
            if (written > 0)
            {
                Count(text[written - 1], merge.Left, piece, -weight);
                changed.Add(Count(text[written - 1], merge.Result, piece, weight));
            }
            if (read + 2 < text.Length)
            {
                Count(merge.Right, text[read + 2], piece, -weight);
                changed.Add(Count(merge.Result, text[read + 2], piece, weight));
            }
            text[written++] = merge.Result;
            read++;
        }
        lengths[piece] = written;
    }

    private Pair Count(int left, int right, int piece, long weight)
    {
        ulong key = (ulong)left << 32 | (uint)right;
        ref int index = ref CollectionsMarshal.GetValueRefOrAddDefault(pairIndex, key, out bool known);
        if (!known)
        {
            index = pairs.Count;
            pairs.Add(new Pair(key));
        }
        var pair = pairs[index];
        pair.Count += weight;
        if (weight > 0 && (pair.Pieces.Count == 0 || pair.Pieces[^1] != piece)) pair.Pieces.Add(piece);
        return pair;
    }

    private void Enqueue(Pair pair)
    {
        if (pair.Queued || pair.Count <= 0) return;
        pair.Queued = true;
        queue.Enqueue(pairIndex[pair.Key], (-pair.Count, pair.Key));
    }
}
