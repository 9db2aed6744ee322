using System.Text;

namespace ModelDsl.Tokenizers.Definitions;

/// <summary>What must hold for the components of every definition, whatever file it came from.</summary>
internal sealed class ComponentChecks(TokenizerDefinition definition)
{
    /// <exception cref="InvalidDataException">A component has no meaning, or there are too many.</exception>
    internal void Run()
    {
        var normalizers = Flatten(definition.Normalizer, item => (item as NormalizerDefinition.Sequence)?.Items, "normalizers");
        var preTokenizers = Flatten(definition.PreTokenizer, item => (item as PreTokenizerDefinition.Sequence)?.Items, "pre-tokenizers");
        var processors = Flatten(definition.PostProcessor, item => (item as PostProcessorDefinition.Sequence)?.Items, "post-processors");
        var decoders = Flatten(definition.Decoder, item => (item as DecoderDefinition.Sequence)?.Items, "decoders");
        foreach (var normalizer in normalizers.OfType<NormalizerDefinition.Replace>()) NotEmpty(normalizer.Pattern, "pattern of the normalizer Replace");
        foreach (var preTokenizer in preTokenizers) Check(preTokenizer);
        foreach (var template in processors.OfType<PostProcessorDefinition.Template>()) Check(template);
        foreach (var decoder in decoders) Check(decoder);
        if (definition.Model is BpeDefinition bpe)
        {
            Short(bpe.ContinuingSubwordPrefix, "continuing subword prefix of the model");
            Short(bpe.EndOfWordSuffix, "end of word suffix of the model");
        }
    }

    // Sequences are counted too, so that their nesting is bounded.
    private List<T> Flatten<T>(T? component, Func<T, IReadOnlyList<T>?> items, string kind) where T : class
    {
        var flat = new List<T>();
        var open = new Stack<T>();
        if (component is not null) open.Push(component);
        while (open.Count > 0)
        {
            if (flat.Count == definition.Limits.Components) throw TooMany(kind);
            flat.Add(open.Pop());
            foreach (var item in items(flat[^1]) ?? []) open.Push(item);
        }
        return flat;
    }

    private InvalidDataException TooMany(string kind) =>
        Error($"there are more than {definition.Limits.Components} {kind} ({nameof(TokenizerLimits)}.{nameof(TokenizerLimits.Components)})");

    private void Check(PreTokenizerDefinition preTokenizer)
    {
        switch (preTokenizer)
        {
            case PreTokenizerDefinition.Split { IsRegex: false } split: NotEmpty(split.Pattern, "pattern of the pre-tokenizer Split"); break;
            case PreTokenizerDefinition.CharDelimiterSplit split: OneCharacter(split.Delimiter, "delimiter of the pre-tokenizer CharDelimiterSplit"); break;
            case PreTokenizerDefinition.Metaspace metaspace: OneCharacter(metaspace.Replacement, "replacement of the pre-tokenizer Metaspace"); break;
        }
    }

    private void Check(PostProcessorDefinition.Template template)
    {
        if (Math.Max(template.Single.Count, template.Pair.Count) > definition.Limits.Components) throw TooMany("pieces in a template");
        foreach (var piece in template.Single.Concat(template.Pair))
            if (piece.Ids.Count > definition.Limits.Components) throw TooMany($"ids in the template's piece \"{piece.Special}\"");
    }

    private void Check(DecoderDefinition decoder)
    {
        switch (decoder)
        {
            case DecoderDefinition.Replace replace:
                NotEmpty(replace.Pattern, "pattern of the decoder Replace");
                Short(replace.Content, "content of the decoder Replace");
                break;
            case DecoderDefinition.Strip strip: NotEmpty(strip.Content, "content of the decoder Strip"); break;
            case DecoderDefinition.Metaspace metaspace: OneCharacter(metaspace.Replacement, "replacement of the decoder Metaspace"); break;
            case DecoderDefinition.Bpe bpe: NotEmpty(bpe.Suffix, "suffix of the decoder BPEDecoder"); break;
        }
    }

    private void NotEmpty(string text, string what)
    {
        if (text.Length == 0) throw Error($"the {what} is empty");
    }

    private void OneCharacter(string text, string what)
    {
        if (text.Length == 0 || text.EnumerateRunes().Skip(1).Any()) throw Error($"the {what} is not one character");
    }

    private void Short(string text, string what)
    {
        if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > definition.Limits.TokenBytes)
            throw Error($"the {what} has {bytes} bytes; at most {definition.Limits.TokenBytes} are supported ({nameof(TokenizerLimits)}.{nameof(TokenizerLimits.TokenBytes)})");
    }

    private InvalidDataException Error(string what) => new($"{definition.Source}: {what}.");
}
