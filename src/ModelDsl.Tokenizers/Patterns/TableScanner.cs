using ModelDsl.Compiler.Tokenizers;

namespace ModelDsl.Tokenizers.Patterns;

/// <summary>Runs a pattern automaton from its tables: for patterns that are known only at run time.</summary>
internal sealed class TableScanner : PatternScanner
{
    private readonly CodePointMap map;
    private readonly byte[] byteClasses = new byte[256]; // of the bytes below `wide`
    private readonly int wide;
    private readonly int[] edges; // target * Width * 2 + accepts
    private readonly int start, startOfText, end;

    /// <param name="byteAlphabet">Where not null, each byte is the character of this code point (the byte-level alphabet), not UTF-8.</param>
    internal TableScanner(PatternAutomaton automaton, ReadOnlySpan<char> byteAlphabet = default)
    {
        map = new CodePointMap(automaton.Classes.Starts, automaton.Classes.Table);
        wide = byteAlphabet.IsEmpty ? 0x80 : 0x100;
        for (int b = 0; b < wide; b++) byteClasses[b] = map[byteAlphabet.IsEmpty ? b : byteAlphabet[b]];
        edges = Array.ConvertAll(automaton.Edges, edge => (edge >> 1) * automaton.Width * 2 + (edge & 1));
        start = automaton.Start * automaton.Width;
        startOfText = automaton.StartOfText * automaton.Width;
        end = automaton.End;
    }

    public override int Match(ReadOnlySpan<byte> text, int start)
    {
        int state = start == 0 ? startOfText : this.start;
        int found = -1;
        for (int i = start; ;)
        {
            int kind, length = 1;
            if ((uint)i >= (uint)text.Length) kind = end;
            else if (text[i] < wide) kind = byteClasses[text[i]];
            else kind = map[Utf8.Read(text, i, out length)];
            int edge = edges[state + kind];
            if ((edge & 1) != 0) found = i;
            state = edge >> 1;
            if (state == 0) return found > start ? found : -1;
            i += length;
        }
    }

    protected override int GapLength(ReadOnlySpan<byte> text, int at) => wide == 0x100 ? 1 : base.GapLength(text, at);
}
