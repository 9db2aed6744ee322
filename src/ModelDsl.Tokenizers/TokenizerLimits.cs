using ModelDsl.Compiler.Tokenizers;

namespace ModelDsl.Tokenizers;

/// <summary>
/// How much a vocabulary file may ask for. Such files come from elsewhere, and a short one can describe a tokenizer of any
/// size; past a limit loading or encoding fails with an error that names the limit.
/// </summary>
public sealed record TokenizerLimits
{
    /// <summary>The limits that apply unless others are given.</summary>
    public static TokenizerLimits Default { get; } = new();

    /// <summary>The largest file, in bytes; of a GGUF file the metadata before its tensors.</summary>
    public long FileBytes { get; init; } = 64 << 20;

    /// <summary>The most ids, gaps included.</summary>
    public int Ids { get; init; } = 1 << 21;

    /// <summary>The longest token, in bytes, of a BPE vocabulary without a list of merges; also the longest prefix, suffix and text of a decoder.</summary>
    public int TokenBytes { get; init; } = 2048;

    /// <summary>The most normalizers, pre-tokenizers, post-processors and decoders, of each kind; also the most pieces of a template.</summary>
    public int Components { get; init; } = 256;

    /// <summary>How many times longer the normalizers may make a text, and the decoders a token; 1 KB more is always allowed.</summary>
    public int Growth { get; init; } = 64;

    /// <summary>The longest pattern, in characters.</summary>
    public int PatternLength { get; init; } = PatternBudget.DefaultLength;

    /// <summary>The deepest nesting of groups and classes in a pattern.</summary>
    public int PatternDepth { get; init; } = PatternBudget.DefaultDepth;

    /// <summary>The most states of a pattern's automaton.</summary>
    public int PatternStates { get; init; } = PatternBudget.DefaultStates;

    /// <summary>The most steps of compiling all patterns of a tokenizer.</summary>
    public long PatternSteps { get; init; } = PatternBudget.DefaultSteps;

    internal PatternBudget Patterns() => new(PatternLength, PatternDepth, PatternStates, PatternSteps);

    // What a text or token of `length` bytes may become.
    internal long Grown(int length) => (long)Growth * length + 1024;
}
