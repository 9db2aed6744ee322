using System.Globalization;
using System.Text;

namespace ModelDsl.Tokenizers.Text;

/// <summary>The tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> that stand for single bytes in vocabularies of characters.</summary>
internal static class ByteTokens
{
    /// <summary>The id of the token of each byte, -1 where there is none.</summary>
    internal static int[] Ids(IReadOnlyList<byte[]?> tokens)
    {
        var ids = new int[256];
        Array.Fill(ids, TokenTable.None);
        for (int id = 0; id < tokens.Count; id++)
            if (tokens[id] is { } token && Parse(token) is var b && b >= 0) ids[b] = id;
        return ids;
    }

    /// <summary>The byte that a token stands for, or -1.</summary>
    internal static int Parse(ReadOnlySpan<byte> token) =>
        token is [(byte)'<', (byte)'0', (byte)'x', _, _, (byte)'>']
        && byte.TryParse(Encoding.ASCII.GetString(token[3..5]), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte b) ? b : -1;
}
