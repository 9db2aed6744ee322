using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>
/// The merges of a vocabulary that lists none: there any two neighbours may merge whose bytes together are a token, and
/// the smallest id goes first.
/// </summary>
/// <remarks>
/// Of the many ways to cut a token in two only one can ever stand in the text when it merges: within the bounds of the
/// token merges happen in the same order as in the token alone, whatever stands around it. So each token is encoded by
/// itself, and the last two neighbours are its merge. A token that does not merge to itself needs none: only the rule
/// that a whole piece is looked up first can give it.
/// </remarks>
internal static class RankMerges
{
    /// <param name="rankOf">The rank of each id, smaller first; null: the id itself.</param>
    /// <param name="characters">The first symbols are UTF-8 characters instead of bytes.</param>
    internal static PairTable Derive(TokenTable tokens, int[]? rankOf = null, bool characters = false)
    {
        var merges = new List<(int, int, int, int)>();
        foreach (var merge in List(tokens, rankOf, characters))
            merges.Add((merge.Left, merge.Right, rankOf is null ? merge.Result : rankOf[merge.Result], merge.Result));
        return new PairTable(merges);
    }

    /// <summary>The merges in the order of the ids of their results.</summary>
    internal static IEnumerable<BpeMerge> List(TokenTable tokens, int[]? rankOf, bool characters)
    {
        var bounds = new int[tokens.LongestToken + 1];
        var merged = new int[tokens.LongestToken + 1];
        for (int id = 0; id < tokens.Count; id++)
            if (tokens.Length(id) > 1 && tokens.Find(tokens[id]) == id && LastPair(tokens, id, rankOf, characters, bounds, merged) is var (left, right))
                yield return new BpeMerge(left, right, id);
    }

    // Merges the bytes of a token until two parts are left; null where it stops before.
    private static (int Left, int Right)? LastPair(TokenTable tokens, int id, int[]? rankOf, bool characters, int[] bounds, int[] merged)
    {
        var token = tokens[id];
        int parts = 0;
        for (int i = 0, length = 1; i < token.Length; i += length)
        {
            if (characters) Utf8.Read(token, i, out length);
            bounds[parts++] = i;
        }
        bounds[parts] = token.Length;
        if (parts < 2) return null;
        for (int i = 0; i + 1 < parts; i++) merged[i] = tokens.Find(token, bounds[i], bounds[i + 2]);
        while (parts > 2)
        {
            int best = -1, bestRank = int.MaxValue;
            for (int i = 0; i + 1 < parts; i++)
            {
                if (merged[i] < 0) continue;
                int rank = rankOf is null ? merged[i] : rankOf[merged[i]];
                if (rank < bestRank) (best, bestRank) = (i, rank);
            }
            if (best < 0) return null;
            parts--;
            Array.Copy(bounds, best + 2, bounds, best + 1, parts - best);
            if (best + 1 < parts) Array.Copy(merged, best + 1, merged, best, parts - best - 1);
            if (best + 1 < parts) merged[best] = tokens.Find(token, bounds[best], bounds[best + 2]);
            if (best > 0) merged[best - 1] = tokens.Find(token, bounds[best - 1], bounds[best + 1]);
        }
        int left = tokens.Find(token, 0, bounds[1]), right = tokens.Find(token, bounds[1], token.Length);
        return left < 0 || right < 0 ? null : (left, right);
    }
}
