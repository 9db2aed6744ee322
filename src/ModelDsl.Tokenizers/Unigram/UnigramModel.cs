using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;
using ModelDsl.Tokenizers.Pipeline;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Unigram;

/// <summary>
/// The most probable cut of a text when tokens are independent, by Viterbi's algorithm (Kudo, 2018). A character that
/// no token covers is unknown, at a cost of ten below the least probable token.
/// </summary>
internal sealed class UnigramModel : Model
{
    private const double UnknownPenalty = 10;

    private readonly UnigramDefinition definition;
    private readonly ByteTrie trie = new();
    private readonly double unknownScore;
    private readonly int unknown;
    private readonly int[] byteTokens;
    private readonly WordCuts wordCuts;

    internal UnigramModel(UnigramDefinition definition, TokenTable tokens, Func<int, bool> findable)
    {
        this.definition = definition;
        Tokens = tokens;
        unknown = definition.Unknown ?? TokenTable.None;
        byteTokens = ByteTokens.Ids(definition.Tokens);
        double least = double.MaxValue;
        for (int id = 0; id < definition.Tokens.Count; id++)
        {
            if (!findable(id) || definition.Tokens[id] is not { Length: > 0 } token) continue;
            trie.Add(token, id);
            least = Math.Min(least, definition.Scores[id]);
        }
        unknownScore = Round((least == double.MaxValue ? 0 : least) - UnknownPenalty);
        wordCuts = new WordCuts(tokens, findable);
    }

    internal override TokenTable Tokens { get; }

    internal override void Encode(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> cuts, int offset, Workspace workspace, TokenBuffer output)
    {
        foreach (int cut in cuts)
        {
            int end = cut < 0 ? ~cut : cut;
            if (cut >= 0)
                for (int from = start, to; from < end; from = to)
                {
                    to = wordCuts.End(text[..end], from);
                    EncodeWord(text[from..to], offset + from, workspace, output);
                }
            start = end;
        }
    }

    // The best way to each place: its score, where its last token begins, and that token.
    internal struct Arrival
    {
        internal double Score;
        internal int Start, Id;
    }

    private void EncodeWord(ReadOnlySpan<byte> word, int offset, Workspace workspace, TokenBuffer output)
    {
        var best = workspace.Arrivals(word.Length + 1);
        best.Fill(new Arrival { Start = -1 });
        for (int at = 0, length; at < word.Length; at += length)
        {
            Utf8.Read(word, at, out length);
            double here = best[at].Score;
            bool covered = false;
            for (int node = ByteTrie.Root, end = at; end < word.Length && (node = trie.Next(node, word[end])) >= 0;)
            {
                end++;
                int id = trie.Value(node);
                if (id < 0) continue;
                covered |= end - at == length;
                Arrive(ref best[end], here + definition.Scores[id], at, id);
            }
            if (!covered) Arrive(ref best[at + length], here + unknownScore, at, unknown);
        }
        Write(word, best, offset, workspace, output);
    }

    private void Arrive(ref Arrival place, double score, int start, int id)
    {
        score = Round(score);
        if (place.Start < 0 || score > place.Score) place = new Arrival { Score = score, Start = start, Id = id };
    }

    private double Round(double score) => definition.SinglePrecision ? (float)score : score;

    private void Write(ReadOnlySpan<byte> word, ReadOnlySpan<Arrival> best, int offset, Workspace workspace, TokenBuffer output)
    {
        var ends = workspace.Symbols(word.Length);
        int count = 0;
        for (int end = word.Length; end > 0; end = best[end].Start) ends[count++] = end;
        while (count-- > 0)
        {
            int end = ends[count], start = best[end].Start, id = best[end].Id;
            if (id == unknown && definition.ByteFallback && HasByteTokens(word[start..end]))
            {
                for (int i = start; i < end; i++) output.Add(byteTokens[word[i]], offset + i, offset + i + 1);
                continue;
            }
            if (id == unknown) end = UnknownRunEnd(word, best, ends, ref count, end);
            if (id >= 0) output.Add(id, offset + start, offset + end);
        }
    }

    // Neighbouring unknown characters are one unknown token.
    private int UnknownRunEnd(ReadOnlySpan<byte> word, ReadOnlySpan<Arrival> best, int[] ends, ref int count, int end)
    {
        while (count > 0 && best[ends[count - 1]].Id == unknown && !(definition.ByteFallback && HasByteTokens(word[end..ends[count - 1]])))
            end = ends[--count];
        return end;
    }

    private bool HasByteTokens(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
            if (byteTokens[b] < 0) return false;
        return true;
    }
}
