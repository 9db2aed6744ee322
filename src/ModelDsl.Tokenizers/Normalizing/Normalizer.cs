using System.Text;
using ModelDsl.Compiler.Tokenizers;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Normalizing;

/// <summary>Changes a text before it is cut.</summary>
internal abstract class Normalizer
{
    internal abstract void Apply(NormalizedText text);

    /// <summary>The steps of a definition, in order.</summary>
    /// <exception cref="NotSupportedException">A pattern cannot be compiled.</exception>
    internal static IReadOnlyList<Normalizer> Build(NormalizerDefinition? definition, string source, PatternBudget patterns)
    {
        switch (definition)
        {
            case null or NormalizerDefinition.ByteLevel: // bytes stay bytes: the vocabulary's alphabet is translated instead
                return [];
            case NormalizerDefinition.Sequence sequence:
                return [.. sequence.Items.SelectMany(item => Build(item, source, patterns))];
            case NormalizerDefinition.Form form:
                return [new FormNormalizer(form)];
            case NormalizerDefinition.Lowercase:
                return [new CharacterNormalizer(CharacterRules.Lower)];
            case NormalizerDefinition.StripAccents:
                return [new CharacterNormalizer(CharacterRules.DropMarks)];
            case NormalizerDefinition.Nmt:
                return [new CharacterNormalizer(CharacterRules.Nmt)];
            case NormalizerDefinition.Strip strip:
                return [new StripNormalizer(strip)];
            case NormalizerDefinition.Prepend prepend:
                return [new PrependNormalizer(prepend)];
            case NormalizerDefinition.Replace replace:
                return [new ReplaceNormalizer(Scanner(replace, source, patterns), replace.Content)];
            case NormalizerDefinition.CollapseSpaces:
                return [new CollapseSpacesNormalizer()];
            case NormalizerDefinition.Precompiled precompiled:
                return [new PrecompiledNormalizer(precompiled.Map, source)];
            case NormalizerDefinition.Bert bert:
                return [.. BertSteps(bert)];
            default:
                throw new NotSupportedException($"{source}: the normalizer {definition.GetType().Name} is not supported.");
        }
    }

    private static IEnumerable<Normalizer> BertSteps(NormalizerDefinition.Bert bert)
    {
        if (bert.CleanText) yield return new CharacterNormalizer(CharacterRules.Clean);
        if (bert.HandleChineseCharacters) yield return new CharacterNormalizer(CharacterRules.SpaceChinese);
        if (bert.DropAccents ?? bert.ToLower)
        {
            yield return new FormNormalizer(new NormalizerDefinition.Form(Compose: false, Compatibility: false));
            yield return new CharacterNormalizer(CharacterRules.DropNonspacingMarks);
        }
        if (bert.ToLower) yield return new CharacterNormalizer(CharacterRules.Lower);
    }

    private static TableScanner Scanner(NormalizerDefinition.Replace replace, string source, PatternBudget patterns)
    {
        string pattern = replace.IsRegex ? replace.Pattern : PatternText.Literal(replace.Pattern);
        try
        {
            return new TableScanner(PatternAutomaton.Compile(pattern, patterns));
        }
        catch (PatternException error)
        {
            throw new NotSupportedException($"{source}: the pattern {PatternText.Shown(pattern)} of the normalizer Replace cannot be compiled: {error.Message}.", error);
        }
    }
}
