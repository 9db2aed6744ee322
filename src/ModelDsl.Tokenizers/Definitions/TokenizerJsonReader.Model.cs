using System.Text;
using System.Text.Json;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Definitions;

// The model: vocabularies and merges, checked for contradictions.
internal sealed partial class TokenizerJsonReader
{
    private ModelDefinition ReadModel(JsonPlace place, bool byteLevel)
    {
        string type = place.Has("type") ? place["type"].String()
            : place.Has("merges") ? "BPE" // older files leave the type out
            : place["vocab"].Element.ValueKind == JsonValueKind.Array ? "Unigram"
            : place.Has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
        switch (type)
        {
            case "BPE":
                return ReadBpe(place, byteLevel);
            case "Unigram":
                return ReadUnigram(place);
            case "WordPiece":
                var (words, wordIds) = ReadVocabulary(place["vocab"], Encoding.UTF8.GetBytes);
                return new WordPieceDefinition
                {
                    Tokens = words,
                    Unknown = ReadUnknown(place, wordIds),
                    ContinuingSubwordPrefix = place.StringOr("continuing_subword_prefix", "##"),
                    MaximumCharacters = place.IntegerOr("max_input_chars_per_word", 100),
                };
            case "WordLevel":
                var (levels, levelIds) = ReadVocabulary(place["vocab"], Encoding.UTF8.GetBytes);
                return new WordLevelDefinition { Tokens = levels, Unknown = ReadUnknown(place, levelIds) };
            default:
                throw Unsupported(place, "model", type, "BPE, Unigram, WordPiece and WordLevel");
        }
    }

    private BpeDefinition ReadBpe(JsonPlace place, bool byteLevel)
    {
        var literal = new HashSet<int>();
        var (tokens, ids) = ReadVocabulary(place["vocab"], text => byteLevel ? ByteAlphabet.ToBytes(text) : Encoding.UTF8.GetBytes(text), literal);
        if (place.Has("dropout") && place["dropout"].Number() != 0)
            throw new NotSupportedException($"{source}: {place.Path}.dropout: BPE dropout is not supported; set it to null.");
        string prefix = place.StringOr("continuing_subword_prefix", "");
        return new BpeDefinition
        {
            Tokens = tokens,
            Literal = literal,
            ByteLevel = byteLevel,
            Merges = ReadMerges(place["merges"], ids, prefix),
            Unknown = ReadUnknown(place, ids),
            FuseUnknown = place.Flag("fuse_unk", false),
            ByteFallback = place.Flag("byte_fallback", false),
            IgnoreMerges = place.Flag("ignore_merges", false),
            ContinuingSubwordPrefix = prefix,
            EndOfWordSuffix = place.StringOr("end_of_word_suffix", ""),
        };
    }

    private static (byte[]?[] Tokens, Dictionary<string, int> Ids) ReadVocabulary(JsonPlace place, Func<string, byte[]?> toBytes, HashSet<int>? literal = null)
    {
        var ids = new Dictionary<string, int>();
        long count = 0;
        foreach (var (token, value) in place.Properties())
        {
            if (value.Element.ValueKind != JsonValueKind.Number) throw place.Error($"gives the token \"{token}\" no number for an id");
            if (!ids.TryAdd(token, value.Id())) throw place.Error($"holds the token \"{token}\" twice");
            count = Math.Max(count, ids[token] + 1L);
        }
        if (count > 64 + 16L * ids.Count) throw place.Error($"has {ids.Count} tokens with ids up to {count - 1}: most ids are missing");
        var tokens = new byte[]?[count];
        foreach (var (token, id) in ids)
        {
            if (tokens[id] is not null)
                throw place.Error($"gives the id {id} to two tokens, \"{ids.First(other => other.Value == id).Key}\" and \"{token}\"");
            var bytes = toBytes(token);
            if (bytes is null) literal!.Add(id);
            tokens[id] = bytes ?? Encoding.UTF8.GetBytes(token);
        }
        return (tokens, ids);
    }

    private static int? ReadUnknown(JsonPlace place, Dictionary<string, int> ids)
    {
        if (!place.Has("unk_token")) return null;
        string token = place["unk_token"].String();
        return ids.TryGetValue(token, out int id) ? id : throw place["unk_token"].Error($"names \"{token}\", which is not in the vocabulary");
    }

    private static List<BpeMerge> ReadMerges(JsonPlace place, Dictionary<string, int> ids, string prefix)
    {
        var merges = new List<BpeMerge>();
        if (place.Element.ValueKind == JsonValueKind.Object && !place.Properties().Any()) return merges; // some writers' empty list
        foreach (var item in place.Items())
        {
            string left, right;
            if (item.Element.ValueKind == JsonValueKind.String)
            {
                string merge = item.String();
                int space = merge.IndexOf(' ');
                if (space <= 0 || space == merge.Length - 1 || merge.IndexOf(' ', space + 1) >= 0) throw item.Error($"is \"{merge}\" and not two tokens with a space between");
                (left, right) = (merge[..space], merge[(space + 1)..]);
            }
            else
            {
                var pair = item.Items().ToList();
                if (pair.Count != 2) throw item.Error("is not a pair of tokens");
                (left, right) = (pair[0].String(), pair[1].String());
            }
            if (!ids.TryGetValue(left, out int leftId)) throw item.Error($"merges \"{left}\", which is not in the vocabulary");
            if (!ids.TryGetValue(right, out int rightId)) throw item.Error($"merges \"{right}\", which is not in the vocabulary");
            string result = left + (right.StartsWith(prefix, StringComparison.Ordinal) ? right[prefix.Length..] : right);
            if (!ids.TryGetValue(result, out int resultId)) throw item.Error($"makes \"{result}\", which is not in the vocabulary");
            merges.Add(new BpeMerge(leftId, rightId, resultId));
        }
        return merges;
    }

    private static UnigramDefinition ReadUnigram(JsonPlace place)
    {
        var tokens = new List<byte[]?>();
        var scores = new List<double>();
        var known = new HashSet<string>();
        foreach (var item in place["vocab"].Items())
        {
            var pair = item.Items().ToList();
            if (pair.Count != 2) throw item.Error("is not a pair of a token and its score");
            if (!known.Add(pair[0].String())) throw item.Error($"holds the token \"{pair[0].String()}\" again");
            tokens.Add(Encoding.UTF8.GetBytes(pair[0].String()));
            scores.Add(pair[1].Number());
        }
        int? unknown = place.Has("unk_id") ? place["unk_id"].Id() : null;
        if (unknown >= tokens.Count) throw place["unk_id"].Error($"is {unknown}, and the vocabulary has {tokens.Count} tokens");
        return new UnigramDefinition { Tokens = tokens, Scores = scores, Unknown = unknown, ByteFallback = place.Flag("byte_fallback", false) };
    }
}
