namespace ModelDsl.Tokenizers;

/// <summary>
/// Marks a partial record that derives from <see cref="BpeTokenizer"/>, <see cref="UnigramTokenizer"/> or
/// <see cref="WordPieceTokenizer"/> as a tokenizer. At build it gets a constructor, <c>Load</c> and <c>Declare</c>, and
/// a scanner for each <see cref="SplitAttribute"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TokenizerAttribute : Attribute;

/// <summary>
/// Cuts text at the matches of a pattern, which is compiled at build. Several are applied in turn, each to the pieces
/// of the one before.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false, AllowMultiple = true)]
public sealed class SplitAttribute(string pattern) : Attribute
{
    public string Pattern => pattern;

    public Definitions.SplitBehavior Behavior { get; init; } = Definitions.SplitBehavior.Isolated;
}

/// <summary>The symbols of a BPE vocabulary are bytes; without this they are characters, and a space is written as the Metaspace.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ByteLevelAttribute : Attribute
{
    /// <summary>Puts a space before a text that does not begin with one.</summary>
    public bool AddPrefixSpace { get; init; }
}

/// <summary>Special tokens: those that the vocabulary file has keep their ids, the others follow after the last id.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SpecialTokensAttribute(params string[] tokens) : Attribute
{
    public string[] Tokens => tokens;
}

/// <summary>Changes the text before it is cut; several are applied in the order in which they are written.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false, AllowMultiple = true)]
public sealed class NormalizeAttribute(Normalization step) : Attribute
{
    public Normalization Step => step;
}

/// <summary>Puts one text in the place of another before the text is cut.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false, AllowMultiple = true)]
public sealed class ReplaceAttribute(string text, string replacement) : Attribute
{
    public string Text => text;

    public string Replacement => replacement;
}

/// <summary>A vocabulary that is built in: the name of an AdditionalFiles item with tokenizer.json, tiktoken ranks or vocab.txt.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class VocabularyAttribute(string file) : Attribute
{
    public string File => file;
}

/// <summary>A step of normalisation.</summary>
public enum Normalization
{
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
    Lowercase,
    /// <summary>Drops combining marks; usually after <see cref="Nfd"/>.</summary>
    StripAccents,
    /// <summary>Drops white space at both ends.</summary>
    Strip,
}
