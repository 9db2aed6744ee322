using System.Runtime.CompilerServices;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Pipeline;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>Byte-pair encoding over bytes: every byte of a piece is a symbol.</summary>
internal sealed class BpeModel : Model
{
    // Longer pieces are merged in memory of their own instead of in the output.
    private const int LongestInPlace = 64;
    private const int LongestPiece = 1 << 28;

    private readonly PairTable pairs;
    private readonly int[] byteIds = new int[256];
    private readonly int unknown;
    // Whether a piece that is the token becomes the token: by the merges, found out when first needed.
    private readonly byte[] whole;
    private const byte WholeUntold = 0, WholeYes = 1, WholeNo = 2;

    internal BpeModel(BpeDefinition definition, TokenTable tokens)
    {
        Tokens = tokens;
        for (int b = 0; b < 256; b++) byteIds[b] = tokens.Find([(byte)b]);
        unknown = definition.Unknown ?? TokenTable.None;
        whole = new byte[tokens.Count];
        if (definition.Merges is null || definition.IgnoreMerges) Array.Fill(whole, WholeYes);
        pairs = definition.Merges is null ? RankMerges.Derive(tokens) : BpeMerges.Table(definition.Merges);
    }

    internal override TokenTable Tokens { get; }

    internal override void Encode(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> cuts, int offset, Workspace workspace, TokenBuffer output)
    {
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
                int count = Symbols(text[begin..cut], room[written..]);
                written += workspace.Merger.Merge(room.Slice(written, count), pairs);
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
        if (piece.Length > LongestPiece)
            throw new InvalidDataException(
                $"At byte {offset} the text has a piece of {piece.Length} bytes without a place to cut; at most {LongestPiece} are supported. Cut the text there before encoding it.");
        var symbols = workspace.Symbols(piece.Length);
        int count = workspace.Merger.Merge(symbols.AsSpan(0, Symbols(piece, symbols)), pairs);
        symbols.AsSpan(0, count).CopyTo(output.Room(count));
        output.Advance(count);
    }

    // A byte without a token is unknown, or left out where there is no unknown token.
    private int Symbols(ReadOnlySpan<byte> piece, Span<int> symbols)
    {
        int count = 0;
        foreach (byte b in piece)
        {
            int id = byteIds[b] >= 0 ? byteIds[b] : unknown;
            if (id >= 0) symbols[count++] = id;
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsWhole(int id, Workspace workspace)
    {
        if (whole[id] == WholeUntold)
        {
            var token = Tokens[id];
            Span<int> symbols = token.Length <= 256 ? stackalloc int[token.Length] : new int[token.Length];
            int count = workspace.Merger.Merge(symbols[..Symbols(token, symbols)], pairs);
            whole[id] = count == 1 && symbols[0] == id ? WholeYes : WholeNo;
        }
        return whole[id] == WholeYes;
    }
}
