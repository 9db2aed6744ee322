namespace ModelDsl.Tokenizers.Definitions;

// Normalizers, pre-tokenizers, post-processors and decoders, by their "type".
internal sealed partial class TokenizerJsonReader
{
    private NormalizerDefinition ReadNormalizer(JsonPlace place)
    {
        string type = place["type"].String();
        switch (type)
        {
            case "Sequence": return new NormalizerDefinition.Sequence([.. place["normalizers"].Items().Select(ReadNormalizer)]);
            case "NFC": return new NormalizerDefinition.Form(Compose: true, Compatibility: false);
            case "NFD": return new NormalizerDefinition.Form(Compose: false, Compatibility: false);
            case "NFKC": return new NormalizerDefinition.Form(Compose: true, Compatibility: true);
            case "NFKD": return new NormalizerDefinition.Form(Compose: false, Compatibility: true);
            case "Lowercase": return new NormalizerDefinition.Lowercase();
            case "StripAccents": return new NormalizerDefinition.StripAccents();
            case "Nmt": return new NormalizerDefinition.Nmt();
            case "ByteLevel": return new NormalizerDefinition.ByteLevel();
            case "Strip": return new NormalizerDefinition.Strip(place.Flag("strip_left", true), place.Flag("strip_right", true));
            case "Prepend": return new NormalizerDefinition.Prepend(place["prepend"].String());
            case "Replace":
                var (pattern, isRegex) = ReadPattern(place["pattern"]);
                return new NormalizerDefinition.Replace(pattern, isRegex, place["content"].String());
            case "BertNormalizer":
                return new NormalizerDefinition.Bert(
                    place.Flag("clean_text", true), place.Flag("handle_chinese_chars", true),
                    place.Has("strip_accents") ? place.Flag("strip_accents", true) : null, place.Flag("lowercase", true));
            case "Precompiled":
                if (!place.Has("precompiled_charsmap")) return new NormalizerDefinition.Sequence([]);
                var map = place["precompiled_charsmap"];
                string text = map.String();
                var bytes = new byte[text.Length / 4 * 3 + 3];
                return Convert.TryFromBase64String(text, bytes, out int length) ? new NormalizerDefinition.Precompiled(bytes[..length]) : throw map.Error("is not base64");
            default:
                throw Unsupported(place, "normalizer", type,
                    "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Nmt, ByteLevel, Prepend, Replace, BertNormalizer and Precompiled");
        }
    }

    private PreTokenizerDefinition ReadPreTokenizer(JsonPlace place)
    {
        string type = place["type"].String();
        switch (type)
        {
            case "Sequence": return new PreTokenizerDefinition.Sequence([.. place["pretokenizers"].Items().Select(ReadPreTokenizer)]);
            case "ByteLevel":
                return new PreTokenizerDefinition.ByteLevel(
                    place.Flag("add_prefix_space", true), place.Flag("use_regex", true), place.Flag("trim_offsets", true));
            case "Split":
                var (pattern, isRegex) = ReadPattern(place["pattern"]);
                return new PreTokenizerDefinition.Split(pattern, isRegex, ReadBehavior(place["behavior"]), place.Flag("invert", false));
            case "Whitespace": return new PreTokenizerDefinition.Whitespace();
            case "WhitespaceSplit": return new PreTokenizerDefinition.WhitespaceSplit();
            case "BertPreTokenizer": return new PreTokenizerDefinition.Bert();
            case "Punctuation":
                return new PreTokenizerDefinition.Punctuation(place.Has("behavior") ? ReadBehavior(place["behavior"]) : SplitBehavior.Isolated);
            case "Digits": return new PreTokenizerDefinition.Digits(place.Flag("individual_digits", false));
            case "Metaspace":
                var (replacement, prepend, split) = ReadMetaspace(place);
                return new PreTokenizerDefinition.Metaspace(replacement, prepend, split);
            case "CharDelimiterSplit": return new PreTokenizerDefinition.CharDelimiterSplit(place["delimiter"].String());
            case "FixedLength":
                int length = place.IntegerOr("length", 5);
                return length is > 0 and <= 255 ? new PreTokenizerDefinition.FixedLength(length) : throw place.Error("needs a length of 1 to 255");
            default:
                throw Unsupported(place, "pre-tokenizer", type,
                    "Sequence, ByteLevel, Split, Whitespace, WhitespaceSplit, BertPreTokenizer, Punctuation, Digits, Metaspace, CharDelimiterSplit and FixedLength");
        }
    }

    private PostProcessorDefinition ReadPostProcessor(JsonPlace place, ModelDefinition model, List<AddedToken> addedTokens)
    {
        string type = place["type"].String();
        switch (type)
        {
            case "Sequence":
                return new PostProcessorDefinition.Sequence([.. place["processors"].Items().Select(item => ReadPostProcessor(item, model, addedTokens))]);
            case "ByteLevel":
                return new PostProcessorDefinition.ByteLevel(
                    place.Flag("add_prefix_space", true), place.Flag("trim_offsets", true), place.Flag("use_regex", true));
            case "TemplateProcessing":
                var special = ReadSpecialTokens(place);
                return new PostProcessorDefinition.Template(
                    [.. place["single"].Items().Select(item => ReadTemplatePiece(item, place, special))],
                    [.. place["pair"].Items().Select(item => ReadTemplatePiece(item, place, special))]);
            case "BertProcessing" or "RobertaProcessing":
                TemplatePiece cls = ReadPairedToken(place["cls"]), separator = ReadPairedToken(place["sep"]);
                var first = new TemplatePiece(0, 0, "", []);
                bool roberta = type == "RobertaProcessing";
                int second = roberta ? 0 : 1;
                TemplatePiece[] middle = roberta ? [separator, separator] : [separator];
                return new PostProcessorDefinition.Template(
                    [cls, first, separator], [cls, first, .. middle, new TemplatePiece(1, second, "", []), separator with { Type = second }]);
            default:
                throw Unsupported(place, "post-processor", type, "Sequence, ByteLevel, TemplateProcessing, BertProcessing and RobertaProcessing");
        }
    }

    private static TemplatePiece ReadPairedToken(JsonPlace place)
    {
        var items = place.Items().ToList();
        if (items.Count != 2) throw place.Error("is not a pair of a token and its id");
        return new TemplatePiece(-1, 0, items[0].String(), [items[1].Id()]);
    }

    // The ids of each special token of a template, read once however many pieces name it.
    private static Dictionary<string, int[]> ReadSpecialTokens(JsonPlace template)
    {
        var special = new Dictionary<string, int[]>();
        if (!template.Has("special_tokens")) return special;
        foreach (var (name, token) in template["special_tokens"].Properties()) special[name] = [.. token["ids"].Items().Select(id => id.Id())];
        return special;
    }

    private static TemplatePiece ReadTemplatePiece(JsonPlace item, JsonPlace template, Dictionary<string, int[]> special)
    {
        if (item.Has("Sequence"))
        {
            string id = item["Sequence"]["id"].String();
            int text = id switch { "A" => 0, "B" => 1, _ => throw item.Error($"names the text \"{id}\"; there are A and B") };
            return new TemplatePiece(text, item["Sequence"].IntegerOr("type_id", 0), "", []);
        }
        string name = item["SpecialToken"]["id"].String();
        if (!special.TryGetValue(name, out int[]? ids)) throw template.Error($"names the special token \"{name}\", which its special_tokens do not have");
        return new TemplatePiece(-1, item["SpecialToken"].IntegerOr("type_id", 0), name, ids);
    }

    private DecoderDefinition ReadDecoder(JsonPlace place)
    {
        string type = place["type"].String();
        switch (type)
        {
            case "Sequence": return new DecoderDefinition.Sequence([.. place["decoders"].Items().Select(ReadDecoder)]);
            case "ByteLevel":
                return new DecoderDefinition.ByteLevel(place.Flag("add_prefix_space", true), place.Flag("trim_offsets", true), place.Flag("use_regex", true));
            case "ByteFallback": return new DecoderDefinition.ByteFallback();
            case "Fuse": return new DecoderDefinition.Fuse();
            case "Replace":
                var (pattern, isRegex) = ReadPattern(place["pattern"]);
                if (isRegex) throw Unsupported(place, "decoder", "Replace with a Regex", "Replace with a String");
                return new DecoderDefinition.Replace(pattern, place["content"].String());
            case "Strip": return new DecoderDefinition.Strip(place["content"].String(), place.IntegerOr("start", 0), place.IntegerOr("stop", 0));
            case "Metaspace":
                var (replacement, prepend, split) = ReadMetaspace(place);
                return new DecoderDefinition.Metaspace(replacement, prepend, split);
            case "WordPiece": return new DecoderDefinition.WordPiece(place.StringOr("prefix", "##"), place.Flag("cleanup", true));
            case "BPEDecoder": return new DecoderDefinition.Bpe(place.StringOr("suffix", "</w>"));
            default:
                throw Unsupported(place, "decoder", type,
                    "Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, WordPiece and BPEDecoder");
        }
    }

    private static (string Replacement, PrependScheme Prepend, bool Split) ReadMetaspace(JsonPlace place)
    {
        // Older files say add_prefix_space instead of prepend_scheme.
        string scheme = place.StringOr("prepend_scheme", place.Flag("add_prefix_space", true) ? "always" : "never");
        var prepend = scheme switch
        {
            "always" => PrependScheme.Always,
            "never" => PrependScheme.Never,
            "first" => PrependScheme.First,
            _ => throw place["prepend_scheme"].Error($"is \"{scheme}\"; supported are always, never and first"),
        };
        return (place.StringOr("replacement", "\u2581"), prepend, place.Flag("split", true));
    }

    private static (string Pattern, bool IsRegex) ReadPattern(JsonPlace place) =>
        place.Has("Regex") ? (place["Regex"].String(), true) : (place["String"].String(), false);

    private static SplitBehavior ReadBehavior(JsonPlace place) =>
        Enum.TryParse<SplitBehavior>(place.String(), out var behavior) && Enum.IsDefined(behavior)
            ? behavior
            : throw place.Error($"is \"{place.String()}\"; supported are {string.Join(", ", Enum.GetNames<SplitBehavior>())}");
}
