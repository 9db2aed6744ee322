using ModelDsl.Attacks.Running;
using ModelDsl.Tokenizers;
using ModelDsl.Tokenizers.Formats;
using ModelDsl.Tokenizers.Tests;

namespace ModelDsl.Attacks.Readers;

/// <summary>Any file as a vocabulary: read, and what it makes of a text, which must be the same each time, decoded again.</summary>
internal abstract class TokenizerFileAttack : ReaderAttack
{
    private static readonly string[] s_texts = ["Hello a\u00E9b \u65E5 <|end|> 12345  ab\n\n", "", "a", "\uFFFD\u0301", string.Concat(Enumerable.Repeat("ab c", 200))];

    /// <summary>The small file of a format that is made in the tests.</summary>
    protected static byte[] Small(string name) => SmallVocabularies.All.Single(file => file.Name == name).Content;

    protected override void Read(string path)
    {
        var tokenizer = new TextTokenizer(TokenizerFile.Read(path));
        foreach (string text in s_texts)
        {
            int[] ids = tokenizer.Encode(text, SpecialTokens.All);
            if (ids.Any(id => (uint)id >= (uint)tokenizer.Vocabulary))
                throw new AttackException("an id outside the vocabulary");
            if (!ids.AsSpan().SequenceEqual(tokenizer.Encode(text, SpecialTokens.All)))
                throw new AttackException("the same text has other ids the second time");
            tokenizer.Decode(ids);
        }
    }

    public override bool IsRefusal(Exception error) =>
        base.IsRefusal(error) || Refusal.IsThrownByOurs(error, typeof(InvalidDataException), typeof(NotSupportedException));
}
