using System.Text;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers;

/// <summary>The simplest tokenizer: a token is a byte, 256 in all.</summary>
public sealed record ByteTokenizer : Tokenizer
{
    private static readonly byte[] All = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];

    private static readonly string ContractOfBytes = ContractHash.Of(Definitions.TokenizerJson.Write(Definitions.TokenizerDefinition.Bytes));

    public override int Vocabulary => 256;

    public override string Contract => ContractOfBytes;

    public override void Encode(ReadOnlySpan<byte> utf8, TokenBuffer output, EncodeOptions options = default)
    {
        int count = options.MaximumTokens > 0 ? Math.Min(options.MaximumTokens, utf8.Length) : utf8.Length;
        for (int i = 0; i < count; i++) output.Add(utf8[i], i, i + 1);
    }

    public override ReadOnlySpan<byte> Bytes(int id, bool first = false) =>
        (uint)id < 256 ? All.AsSpan(id, 1) : throw TokenIds.OutOfRange(id, Vocabulary);

    /// <summary>The id of a character of one byte.</summary>
    public override int? IdOf(string token) => token.Length == 1 && token[0] < 256 && Encoding.UTF8.GetByteCount(token) == 1 ? token[0] : null;

    public override bool IsSpecial(int id) => false;

    /// <inheritdoc/>
    public override void Save(string path) => Definitions.TokenizerJson.Save(Definitions.TokenizerDefinition.Bytes, path);
}
