using System.Text;
using System.Text.Json;
using ModelDsl.Tokenizers.Patterns;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Definitions;

/// <summary>Writes each component under the names of tokenizer.json.</summary>
internal sealed class TokenizerJsonWriter(Utf8JsonWriter json)
{
    internal void Write(TokenizerDefinition definition)
    {
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(definition.AddedTokens);
        json.WritePropertyName("normalizer");
        Write(definition.Normalizer);
        json.WritePropertyName("pre_tokenizer");
        Write(definition.PreTokenizer);
        json.WritePropertyName("post_processor");
        Write(definition.PostProcessor);
        json.WritePropertyName("decoder");
        Write(definition.Decoder);
        json.WritePropertyName("model");
        new TokenizerJsonModelWriter(json).Write(definition.Model);
        json.WriteEndObject();
    }

    private void WriteAddedTokens(IReadOnlyList<AddedToken> tokens)
    {
        json.WriteStartArray("added_tokens");
        foreach (var token in tokens.OrderBy(token => token.Id))
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Content);
            json.WriteBoolean("single_word", token.SingleWord);
            json.WriteBoolean("lstrip", token.LeftStrip);
            json.WriteBoolean("rstrip", token.RightStrip);
            json.WriteBoolean("normalized", token.Normalized);
            json.WriteBoolean("special", token.Special);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void Begin(string type)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
    }

    private void Array<T>(string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items) write(item);
        json.WriteEndArray();
    }

    private void Pattern(string pattern, bool isRegex)
    {
        json.WriteStartObject("pattern");
        json.WriteString(isRegex ? "Regex" : "String", isRegex ? PortablePattern.Of(pattern) : pattern);
        json.WriteEndObject();
    }

    private void Write(NormalizerDefinition? normalizer)
    {
        switch (normalizer)
        {
            case null:
                json.WriteNullValue();
                return;
            case NormalizerDefinition.Sequence sequence:
                Begin("Sequence");
                Array("normalizers", sequence.Items, Write);
                break;
            case NormalizerDefinition.Form form:
                Begin((form.Compatibility ? "NFK" : "NF") + (form.Compose ? "C" : "D"));
                break;
            case NormalizerDefinition.Lowercase:
                Begin("Lowercase");
                break;
            case NormalizerDefinition.StripAccents:
                Begin("StripAccents");
                break;
            case NormalizerDefinition.Nmt:
                Begin("Nmt");
                break;
            case NormalizerDefinition.ByteLevel:
                Begin("ByteLevel");
                break;
            case NormalizerDefinition.Strip strip:
                Begin("Strip");
                json.WriteBoolean("strip_left", strip.Left);
                json.WriteBoolean("strip_right", strip.Right);
                break;
            case NormalizerDefinition.Prepend prepend:
                Begin("Prepend");
                json.WriteString("prepend", prepend.Text);
                break;
            case NormalizerDefinition.Replace replace:
                Begin("Replace");
                Pattern(replace.Pattern, replace.IsRegex);
                json.WriteString("content", replace.Content);
                break;
            case NormalizerDefinition.CollapseSpaces: // what the two components of its own are in tokenizer.json
                Begin("Sequence");
                NormalizerDefinition[] items = [new NormalizerDefinition.Replace(@"\A +| +\z", true, ""), new NormalizerDefinition.Replace(" {2,}", true, " ")];
                Array("normalizers", items, Write);
                break;
            case NormalizerDefinition.Bert bert:
                Begin("BertNormalizer");
                json.WriteBoolean("clean_text", bert.CleanText);
                json.WriteBoolean("handle_chinese_chars", bert.HandleChineseCharacters);
                if (bert.DropAccents is { } strips) json.WriteBoolean("strip_accents", strips);
                else json.WriteNull("strip_accents");
                json.WriteBoolean("lowercase", bert.ToLower);
                break;
            case NormalizerDefinition.Precompiled precompiled:
                Begin("Precompiled");
                json.WriteBase64String("precompiled_charsmap", precompiled.Map);
                break;
        }
        json.WriteEndObject();
    }

    private void Write(PreTokenizerDefinition? preTokenizer)
    {
        switch (preTokenizer)
        {
            case null:
                json.WriteNullValue();
                return;
            case PreTokenizerDefinition.Sequence sequence:
                Begin("Sequence");
                Array("pretokenizers", sequence.Items, Write);
                break;
            case PreTokenizerDefinition.ByteLevel byteLevel:
                Begin("ByteLevel");
                ByteLevelFields(byteLevel.AddPrefixSpace, byteLevel.TrimOffsets, byteLevel.UseRegex);
                break;
            case PreTokenizerDefinition.Split split:
                Begin("Split");
                Pattern(split.Pattern, split.IsRegex);
                json.WriteString("behavior", split.Behavior.ToString());
                json.WriteBoolean("invert", split.Invert);
                break;
            case PreTokenizerDefinition.Whitespace:
                Begin("Whitespace");
                break;
            case PreTokenizerDefinition.WhitespaceSplit:
                Begin("WhitespaceSplit");
                break;
            case PreTokenizerDefinition.Bert:
                Begin("BertPreTokenizer");
                break;
            case PreTokenizerDefinition.Punctuation punctuation:
                Begin("Punctuation");
                json.WriteString("behavior", punctuation.Behavior.ToString());
                break;
            case PreTokenizerDefinition.Digits digits:
                Begin("Digits");
                json.WriteBoolean("individual_digits", digits.Individual);
                break;
            case PreTokenizerDefinition.Metaspace metaspace:
                Begin("Metaspace");
                MetaspaceFields(metaspace.Replacement, metaspace.Prepend, metaspace.CutsBefore);
                break;
            case PreTokenizerDefinition.CharDelimiterSplit delimiter:
                Begin("CharDelimiterSplit");
                json.WriteString("delimiter", delimiter.Delimiter);
                break;
            case PreTokenizerDefinition.FixedLength fixedLength:
                Begin("FixedLength");
                json.WriteNumber("length", fixedLength.Length);
                break;
        }
        json.WriteEndObject();
    }

    private void Write(PostProcessorDefinition? postProcessor)
    {
        switch (postProcessor)
        {
            case null:
                json.WriteNullValue();
                return;
            case PostProcessorDefinition.Sequence sequence:
                Begin("Sequence");
                Array("processors", sequence.Items, Write);
                break;
            case PostProcessorDefinition.ByteLevel byteLevel:
                Begin("ByteLevel");
                ByteLevelFields(byteLevel.AddPrefixSpace, byteLevel.TrimOffsets, byteLevel.UseRegex);
                break;
            case PostProcessorDefinition.Template template:
                Begin("TemplateProcessing");
                Array("single", template.Single, Write);
                Array("pair", template.Pair, Write);
                json.WriteStartObject("special_tokens");
                foreach (var piece in template.Single.Concat(template.Pair).Where(piece => piece.Text < 0).DistinctBy(piece => piece.Special))
                {
                    json.WriteStartObject(piece.Special);
                    json.WriteString("id", piece.Special);
                    Array("ids", piece.Ids, json.WriteNumberValue);
                    Array("tokens", piece.Ids, _ => json.WriteStringValue(piece.Special));
                    json.WriteEndObject();
                }
                json.WriteEndObject();
                break;
        }
        json.WriteEndObject();
    }

    private void Write(TemplatePiece piece)
    {
        json.WriteStartObject();
        json.WriteStartObject(piece.Text < 0 ? "SpecialToken" : "Sequence");
        json.WriteString("id", piece.Text switch { 0 => "A", 1 => "B", _ => piece.Special });
        json.WriteNumber("type_id", piece.Type);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Write(DecoderDefinition? decoder)
    {
        switch (decoder)
        {
            case null:
                json.WriteNullValue();
                return;
            case DecoderDefinition.Sequence sequence:
                Begin("Sequence");
                Array("decoders", sequence.Items, Write);
                break;
            case DecoderDefinition.ByteLevel byteLevel:
                Begin("ByteLevel");
                ByteLevelFields(byteLevel.AddPrefixSpace, byteLevel.TrimOffsets, byteLevel.UseRegex);
                break;
            case DecoderDefinition.ByteFallback:
                Begin("ByteFallback");
                break;
            case DecoderDefinition.Fuse:
                Begin("Fuse");
                break;
            case DecoderDefinition.Replace replace:
                Begin("Replace");
                Pattern(replace.Pattern, isRegex: false);
                json.WriteString("content", replace.Content);
                break;
            case DecoderDefinition.Strip strip:
                Begin("Strip");
                json.WriteString("content", strip.Content);
                json.WriteNumber("start", strip.Start);
                json.WriteNumber("stop", strip.Stop);
                break;
            case DecoderDefinition.Metaspace metaspace:
                Begin("Metaspace");
                MetaspaceFields(metaspace.Replacement, metaspace.Prepend, metaspace.Split);
                break;
            case DecoderDefinition.WordPiece wordPiece:
                Begin("WordPiece");
                json.WriteString("prefix", wordPiece.Prefix);
                json.WriteBoolean("cleanup", wordPiece.Cleanup);
                break;
            case DecoderDefinition.Bpe bpe:
                Begin("BPEDecoder");
                json.WriteString("suffix", bpe.Suffix);
                break;
        }
        json.WriteEndObject();
    }

    private void ByteLevelFields(bool addPrefixSpace, bool trimOffsets, bool useRegex)
    {
        json.WriteBoolean("add_prefix_space", addPrefixSpace);
        json.WriteBoolean("trim_offsets", trimOffsets);
        json.WriteBoolean("use_regex", useRegex);
    }

    private void MetaspaceFields(string replacement, PrependScheme prepend, bool split)
    {
        json.WriteString("replacement", replacement);
        json.WriteString("prepend_scheme", prepend.ToString().ToLowerInvariant());
        json.WriteBoolean("split", split);
    }
}
