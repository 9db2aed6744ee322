using System.Security.Cryptography;

namespace ModelDsl.Tokenizers;

/// <summary>The hash behind <see cref="Tokenizer.Contract"/>.</summary>
internal static class ContractHash
{
    internal static string Of(ReadOnlySpan<byte> description) => Convert.ToHexStringLower(SHA256.HashData(description));
}
