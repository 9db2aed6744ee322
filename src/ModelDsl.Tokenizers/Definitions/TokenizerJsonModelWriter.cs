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
        json.WriteBoolean("ignore_merges", bpe.IgnoreMerges || bpe.Merges is null);
        WriteVocabulary(bpe, TextOf);
        json.WriteStartArray("merges");
        foreach (var merge in bpe.Merges ?? RankMerges.List(bpe.Tokens))
        {
            json.WriteStartArray();
            json.WriteStringValue(TextOf(merge.Left));
            json.WriteStringValue(TextOf(merge.Right));
            json.WriteEndArray();
        }
        json.WriteEndArray();
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
