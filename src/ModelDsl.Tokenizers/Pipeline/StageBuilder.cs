using ModelDsl.Compiler.Tokenizers;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>Builds the chain of stages that a pre-tokenizer stands for, from its last to its first.</summary>
/// <remarks>
/// What follows ByteLevel sees the text in the byte-level alphabet. Here the bytes stay as they are, and the later
/// patterns read each byte as the character that it would have become.
/// </remarks>
internal sealed class StageBuilder(string source, PatternBudget patterns, Func<string, PatternScanner?>? compiled = null)
{
    /// <param name="byteLevel">Whether the text is in the byte-level alphabet already.</param>
    internal PieceStage Build(PreTokenizerDefinition? definition, PieceStage model, bool byteLevel = false)
    {
        var steps = new List<(PreTokenizerDefinition Step, bool ByteLevel)>();
        Flatten(definition, steps, ref byteLevel);
        var stage = model;
        for (int i = steps.Count - 1; i >= 0; i--) stage = Stage(steps[i].Step, steps[i].ByteLevel, stage);
        return stage;
    }

    private static void Flatten(PreTokenizerDefinition? definition, List<(PreTokenizerDefinition, bool)> steps, ref bool byteLevel)
    {
        if (definition is PreTokenizerDefinition.Sequence sequence)
        {
            foreach (var item in sequence.Items) Flatten(item, steps, ref byteLevel);
        }
        else if (definition is not null)
        {
            steps.Add((definition, byteLevel));
            byteLevel |= definition is PreTokenizerDefinition.ByteLevel;
        }
    }

    private PieceStage Stage(PreTokenizerDefinition step, bool byteLevel, PieceStage next)
    {
        PieceStage Split(string pattern, SplitBehavior behavior, bool invert = false) =>
            new SplitStage(Scanner(pattern, byteLevel), behavior, invert, next);

        switch (step)
        {
            case PreTokenizerDefinition.Split split:
                return Split(split.IsRegex ? split.Pattern : PatternText.Literal(split.Pattern), split.Behavior, split.Invert);
            case PreTokenizerDefinition.ByteLevel byteLevelStep:
                if (byteLevelStep.UseRegex) next = Split(SplitPatterns.Gpt2, SplitBehavior.Isolated);
                return byteLevelStep.AddPrefixSpace ? new PrefixStage(" "u8.ToArray(), PrependScheme.Always, next) : next;
            case PreTokenizerDefinition.Whitespace:
                return Split(@"\w+|[^\w\s]+", SplitBehavior.Removed, invert: true);
            case PreTokenizerDefinition.WhitespaceSplit:
                return Split(@"\s", SplitBehavior.Removed);
            case PreTokenizerDefinition.Bert:
                next = Split(PunctuationPattern, SplitBehavior.Isolated);
                return Split(@"\s", SplitBehavior.Removed);
            case PreTokenizerDefinition.Punctuation punctuation:
                return Split(PunctuationPattern, punctuation.Behavior);
            case PreTokenizerDefinition.Digits digits:
                return digits.Individual ? Split(@"\p{N}", SplitBehavior.Isolated) : Split(@"\p{N}", SplitBehavior.Contiguous);
            case PreTokenizerDefinition.CharDelimiterSplit delimiter:
                return Split(PatternText.Literal(delimiter.Delimiter), SplitBehavior.Removed);
            case PreTokenizerDefinition.FixedLength fixedLength:
                return Split($@"[\p{{Any}}]{{1,{fixedLength.Length}}}", SplitBehavior.Isolated);
            case PreTokenizerDefinition.Metaspace metaspace:
                if (metaspace.CutsBefore) next = Split(PatternText.Literal(metaspace.Replacement), SplitBehavior.MergedWithNext);
                return new MetaspaceStage(metaspace, next);
            default:
                throw new NotSupportedException($"{source}: the pre-tokenizer {step.GetType().Name} is not supported.");
        }
    }

    private const string PunctuationPattern = @"[\p{P}\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E]";

    private PatternScanner Scanner(string pattern, bool byteLevel)
    {
        if (!byteLevel && compiled?.Invoke(pattern) is { } scanner) return scanner;
        try
        {
            return new TableScanner(PatternAutomaton.Compile(pattern, patterns), byteLevel ? ByteAlphabet.Characters : default);
        }
        catch (PatternException error)
        {
            throw new NotSupportedException($"{source}: the split pattern {PatternText.Shown(pattern)} cannot be compiled: {error.Message}.", error);
        }
    }
}
