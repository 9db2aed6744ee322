using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelDsl.Compiler.Tokenizers;

namespace ModelDsl.Tokenizers.Patterns;

/// <summary>Runs a pattern automaton from its tables: for patterns that are known only at run time.</summary>
internal sealed class TableScanner : PatternScanner
{
    private readonly CodePointMap map;
    private readonly byte[] byteClasses = new byte[256]; // of the bytes below `wide`
    private readonly int wide;
    private readonly int[] edges; // state * width + class -> target * width * 2 + accepts
    private readonly Vector128<byte>[] runs; // state * width -> the characters on which it stays as it is
    private readonly int start, startOfText, end;

    /// <param name="byteAlphabet">Where not null, each byte is the character of this code point (the byte-level alphabet), not UTF-8.</param>
    internal TableScanner(PatternAutomaton automaton, ReadOnlySpan<char> byteAlphabet = default)
    {
        map = new CodePointMap(automaton.Classes.Starts, automaton.Classes.Table);
        wide = byteAlphabet.IsEmpty ? 0x80 : 0x100;
        for (int b = 0; b < wide; b++) byteClasses[b] = map[byteAlphabet.IsEmpty ? b : byteAlphabet[b]];
        edges = Array.ConvertAll(automaton.Edges, edge => (edge >> 1) * automaton.Width * 2 + (edge & 1));
        runs = new Vector128<byte>[edges.Length];
        for (int state = automaton.Width; state < edges.Length; state += automaton.Width)
            runs[state] = ByteRun.Set(c => edges[state + byteClasses[c]] == (state << 1 | 1));
        start = automaton.Start * automaton.Width;
        startOfText = automaton.StartOfText * automaton.Width;
        end = automaton.End;
    }

    public override int Match(ReadOnlySpan<byte> text, int start) => Find(text, start);

    public override int Cut(ReadOnlySpan<byte> text, int from, Span<int> cuts)
    {
        int count = 0;
        while (count + 1 < cuts.Length && from < text.Length)
        {
            int end = Find(text, from);
            if (end < 0)
            {
                int gap = from;
                do gap += GapLength(text, gap);
                while (gap < text.Length && (end = Find(text, gap)) < 0);
                cuts[count++] = ~gap;
                if (end < 0) break;
            }
            cuts[count++] = from = end;
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Find(ReadOnlySpan<byte> text, int from)
    {
        ref byte bytes = ref MemoryMarshal.GetReference(text);
        ref byte classes = ref MemoryMarshal.GetArrayDataReference(byteClasses);
        ref int table = ref MemoryMarshal.GetArrayDataReference(edges);
        int state = from == 0 ? startOfText : start;
        int found = -1;
        for (int i = from; ;)
        {
            int kind, length = 1;
            if (i >= text.Length) kind = end;
            else if (Unsafe.Add(ref bytes, i) < wide) kind = Unsafe.Add(ref classes, Unsafe.Add(ref bytes, i));
            else kind = map[Utf8.Read(text, i, out length)];
            int edge = Unsafe.Add(ref table, state + kind);
            if ((edge & 1) != 0) found = i;
            int target = edge >> 1;
            if (target == 0) return found > from ? found : -1;
            i += length;
            // The characters on which the state stays, and each of which could be the last of the match but for the next.
            if (ByteRun.End(text, i, runs[target]) is var skipped && skipped > i)
            {
                i = skipped;
                found = i - 1;
            }
            state = target;
        }
    }

    protected override int GapLength(ReadOnlySpan<byte> text, int at) => wide == 0x100 ? 1 : base.GapLength(text, at);
}
