using System.Runtime.CompilerServices;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Pipeline;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>Byte-pair encoding over bytes: every byte of a piece is a symbol.</summary>
/// <remarks>
/// Most pieces are tokens, which one look-up finds. What is left is merged, unless the same piece was merged not long
/// ago (<see cref="PieceCache"/>).
/// </remarks>
internal sealed class BpeModel : Model
{
    // Longer pieces are merged in memory of their own instead of in the output.
    private const int LongestInPlace = 64;

    private readonly PairTable pairs;
    private readonly int[] byteIds = new int[256];
    private readonly int[] byteRanks = new int[256 * 256];
    private readonly bool everyByte;
    private readonly int unknown;
    // Whether a piece that is the token becomes the token: by the merges, found out when first needed.
    private readonly byte[] whole;
    private const byte WholeUntold = 0, WholeYes = 1, WholeNo = 2;

    [ThreadStatic]
    private static (BpeModel? Owner, PieceCache Cache) spareCache;

    internal BpeModel(BpeDefinition definition, TokenTable tokens)
    {
        Tokens = tokens;
        for (int b = 0; b < 256; b++) byteIds[b] = tokens.Find([(byte)b]);
        everyByte = Array.TrueForAll(byteIds, id => id >= 0);
        unknown = definition.Unknown ?? TokenTable.None;
        whole = new byte[tokens.Count];
        if (definition.Merges is null || definition.IgnoreMerges) Array.Fill(whole, WholeYes);
        pairs = BpeMerges.Table(definition, tokens);
        for (int left = 0; left < 256; left++)
            for (int right = 0; right < 256; right++)
                byteRanks[left << 8 | right] = byteIds[left] >= 0 && byteIds[right] >= 0 ? pairs[byteIds[left], byteIds[right]] : PairTable.None;
    }

    internal override TokenTable Tokens { get; }

    internal override void Encode(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> cuts, int offset, Workspace workspace, TokenBuffer output)
    {
        var cache = RentCache();
        var room = output.Room(cuts.Length * LongestInPlace);
        int first = output.Count, written = 0, from = start;
        foreach (int cut in cuts)
        {
            int begin = from;
            from = cut < 0 ? ~cut : cut;
            if (cut < 0) continue;
            int id = Tokens.Find(text, begin, cut);
            if (id >= 0 && (whole[id] == WholeYes || IsWhole(id, workspace)))
            {
                room[written++] = id;
            }
            else if (cut - begin <= LongestInPlace)
            {
                written += Merge(text, begin, cut, room[written..], workspace, cache);
            }
            else
            {
                output.Advance(written);
                EncodeLong(text[begin..cut], offset + begin, workspace, output);
                room = output.Room(cuts.Length * LongestInPlace);
                written = 0;
            }
            if (output.TracksOffsets) (first, written) = Place(output, first, written, offset + begin, ref room, cuts.Length);
        }
        output.Advance(written);
        spareCache = (this, cache);
    }

    private PieceCache RentCache()
    {
        var spare = spareCache;
        spareCache = default;
        return spare.Owner == this ? spare.Cache : new PieceCache();
    }

    private int Merge(ReadOnlySpan<byte> text, int begin, int end, Span<int> output, Workspace workspace, PieceCache cache)
    {
        int length = end - begin;
        if (length > PieceCache.LongestPiece) return MergeSymbols(text[begin..end], output, workspace);
        ulong low = TokenTable.Load(text, begin, Math.Min(length, 8)), high = length > 8 ? TokenTable.Load(text, begin + 8, length - 8) : 0;
        ref var entry = ref cache.At(low, high, length);
        if (entry.Low == low && entry.High == high && entry.Length == length)
        {
            ((ReadOnlySpan<int>)entry.Ids)[..entry.Count].CopyTo(output);
            return entry.Count;
        }
        int count = MergeSymbols(text[begin..end], output, workspace);
        if (count > PieceCache.MostIds) return count;
        (entry.Low, entry.High, entry.Length, entry.Count) = (low, high, (short)length, (short)count);
        output[..count].CopyTo(entry.Ids);
        return count;
    }

    private int MergeSymbols(ReadOnlySpan<byte> piece, Span<int> symbols, Workspace workspace)
    {
        if (everyByte) return workspace.Merger.MergeBytes(piece, byteIds, byteRanks, symbols, pairs);
        // A byte without a token is unknown, or left out where there is no unknown token.
        int count = 0;
        foreach (byte b in piece)
        {
            int id = byteIds[b] >= 0 ? byteIds[b] : unknown;
            if (id >= 0) symbols[count++] = id;
        }
        return workspace.Merger.Merge(symbols[..count], pairs);
    }

    // Commits what was written and tells the places of the tokens from `first` on, which begin at `at`.
    private (int First, int Written) Place(TokenBuffer output, int first, int written, int at, ref Span<int> room, int pieces)
    {
        output.Advance(written);
        for (int i = first; i < output.Count; i++)
        {
            int length = output.Ids[i] == unknown ? 1 : Tokens.Length(output.Ids[i]);
            output.SetOffsets(i, at, at += length);
        }
        room = output.Room(pieces * LongestInPlace);
        return (output.Count, 0);
    }

    private void EncodeLong(ReadOnlySpan<byte> piece, int offset, Workspace workspace, TokenBuffer output)
    {
        BpeMerger.CheckLength(piece.Length, offset);
        var symbols = workspace.Symbols(piece.Length);
        int count = MergeSymbols(piece, symbols, workspace);
        symbols.AsSpan(0, count).CopyTo(output.Room(count));
        output.Advance(count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsWhole(int id, Workspace workspace)
    {
        if (whole[id] == WholeUntold)
        {
            var token = Tokens[id];
            Span<int> symbols = token.Length <= 256 ? stackalloc int[token.Length] : new int[token.Length];
            int count = MergeSymbols(token, symbols, workspace);
            whole[id] = count == 1 && symbols[0] == id ? WholeYes : WholeNo;
        }
        return whole[id] == WholeYes;
    }
}
