using System.Text;
using System.Text.Json;
using ModelDsl.Tokenizers.Bpe;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Definitions;

/// <summary>Writes the model of a tokenizer.json.</summary>
internal sealed class TokenizerJsonModelWriter(Utf8JsonWriter json)
{
    internal void Write(ModelDefinition model)
    {
        json.WriteStartObject();
        switch (model)
        {
            case BpeDefinition bpe:
                Write(bpe);
                break;
            case UnigramDefinition unigram:
                json.WriteString("type", "Unigram");
                if (unigram.Unknown is { } unknown) json.WriteNumber("unk_id", unknown);
                else json.WriteNull("unk_id");
                json.WriteStartArray("vocab");
                for (int id = 0; id < unigram.Tokens.Count; id++)
                {
                    json.WriteStartArray();
                    json.WriteStringValue(unigram.Tokens[id]);
                    json.WriteNumberValue(unigram.Scores[id]);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
                json.WriteBoolean("byte_fallback", unigram.ByteFallback);
                break;
            case WordPieceDefinition wordPiece:
                json.WriteString("type", "WordPiece");
                WriteUnknown(wordPiece);
                json.WriteString("continuing_subword_prefix", wordPiece.ContinuingSubwordPrefix);
                json.WriteNumber("max_input_chars_per_word", wordPiece.MaximumCharacters);
                WriteVocabulary(wordPiece, TextOf);
                break;
            case WordLevelDefinition wordLevel:
                json.WriteString("type", "WordLevel");
                WriteVocabulary(wordLevel, TextOf);
                WriteUnknown(wordLevel);
                break;
        }
        json.WriteEndObject();

        string TextOf(int id) => Encoding.UTF8.GetString(model.Tokens[id]!);
    }

    private void Write(BpeDefinition bpe)
    {
        string TextOf(int id) => bpe.ByteLevel && !bpe.Literal.Contains(id)
            ? ByteAlphabet.ToText(bpe.Tokens[id]!)
            : Encoding.UTF8.GetString(bpe.Tokens[id]!);

        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        if (bpe.Unknown is null) json.WriteNull("unk_token");
        else json.WriteString("unk_token", TextOf(bpe.Unknown.Value));
        json.WriteString("continuing_subword_prefix", bpe.ContinuingSubwordPrefix);
        json.WriteString("end_of_word_suffix", bpe.EndOfWordSuffix);
        json.WriteBoolean("fuse_unk", bpe.FuseUnknown);
        json.WriteBoolean("byte_fallback", bpe.ByteFallback);
        json.WriteBoolean("ignore_merges", bpe.IgnoreMerges || bpe is { Merges: null, Scores: null });
        WriteVocabulary(bpe, TextOf);
        json.WriteStartArray("merges");
        foreach (var merge in bpe.Merges ?? Derived(bpe))
        {
            json.WriteStartArray();
            json.WriteStringValue(TextOf(merge.Left));
            json.WriteStringValue(TextOf(merge.Right));
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    // Scores may be equal, which a list of merges cannot say: every cut of a token in two is listed, and of equal ones
    // the longer left part first, which grows tokens from the left as SentencePiece does.
    private static IEnumerable<BpeMerge> Derived(BpeDefinition bpe)
    {
        var tokens = new TokenTable(bpe.Tokens, id => !bpe.Reserved.Contains(id) && !bpe.Literal.Contains(id));
        if (bpe.Scores is null) return RankMerges.List(tokens, null, characters: false);
        int[] ranks = ScoreRanks.Of(bpe.Scores);
        var merges = new List<BpeMerge>();
        for (int id = 0; id < tokens.Count; id++)
        {
            var token = tokens[id];
            if (tokens.Find(token) != id) continue;
            for (int cut = 1; cut < token.Length; cut++)
                if (tokens.Find(token, 0, cut) is var left && left >= 0 && tokens.Find(token, cut, token.Length) is var right && right >= 0)
                    merges.Add(new BpeMerge(left, right, id));
        }
        return merges.OrderBy(merge => ranks[merge.Result]).ThenByDescending(merge => tokens.Length(merge.Left)).ThenByDescending(merge => tokens.Length(merge.Right));
    }

    private void WriteUnknown(ModelDefinition model)
    {
        if (model.Unknown is { } unknown) json.WriteString("unk_token", model.Tokens[unknown]);
        else json.WriteNull("unk_token");
    }

    private void WriteVocabulary(ModelDefinition model, Func<int, string> textOf)
    {
        json.WriteStartObject("vocab");
        for (int id = 0; id < model.Tokens.Count; id++)
            if (model.Tokens[id] is not null) json.WriteNumber(textOf(id), id);
        json.WriteEndObject();
    }
}
