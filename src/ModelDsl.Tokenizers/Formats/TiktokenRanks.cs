using System.Buffers.Text;
using System.Text;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Formats;

/// <summary>
/// tiktoken's ranks: a line for each token, its bytes in base64, a space, its id. The file holds neither the split
/// pattern nor the special tokens; for the published vocabularies both follow from the number of ranks.
/// </summary>
public static class TiktokenRanks
{
    /// <summary>Whether the first line is one of a ranks file.</summary>
    internal static bool Recognises(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)'\n');
        return TryParse(end < 0 ? text : text[..end], out _, out _);
    }

    internal static TokenizerDefinition Read(ReadOnlySpan<byte> text, string source, TokenizerLimits limits)
    {
        var (tokens, ranks) = ReadTokens(text, source, limits);
        var known = KnownVocabularies.FirstOrDefault(known => known.Ranks == ranks) ?? new Known(ranks, SplitPatterns.Cl100K, []);
        return Define(tokens, known.Pattern, known.Special, source);
    }

    /// <summary>Reads ranks with a pattern and special tokens of one's own.</summary>
    /// <exception cref="InvalidDataException">A line is malformed, or an id or token comes twice.</exception>
    public static TokenizerDefinition Read(ReadOnlySpan<byte> text, string source, string pattern, IReadOnlyDictionary<string, int> specialTokens) =>
        Define(ReadTokens(text, source, TokenizerLimits.Default).Tokens, pattern, [.. specialTokens.Select(token => (token.Key, token.Value))], source);

    private static TokenizerDefinition Define(List<byte[]?> tokens, string pattern, (string Content, int Id)[] special, string source) => new()
    {
        Source = source,
        Model = new BpeDefinition { Tokens = tokens, Merges = null, ByteLevel = true },
        PreTokenizer = new PreTokenizerDefinition.Sequence(
        [
            new PreTokenizerDefinition.Split(pattern, IsRegex: true, SplitBehavior.Isolated),
            new PreTokenizerDefinition.ByteLevel(AddPrefixSpace: false, UseRegex: false),
        ]),
        Decoder = new DecoderDefinition.ByteLevel(),
        AddedTokens = [.. special.Select(token => new AddedToken(token.Id, token.Content))],
    };

    private static (List<byte[]?> Tokens, int Ranks) ReadTokens(ReadOnlySpan<byte> text, string source, TokenizerLimits limits)
    {
        var tokens = new List<byte[]?>();
        var lines = new Dictionary<string, int>();
        int line = 0, ranks = 0, largest = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            line++;
            var row = text[range].TrimEnd((byte)'\r');
            if (row.IsEmpty) continue;
            if (!TryParse(row, out var token, out int id))
                throw new InvalidDataException($"{source}: line {line} is not a token in base64, a space and an id; the file may be cut short.");
            if (id >= limits.Ids) throw new InvalidDataException($"{source}: line {line} has the id {id}; at most {limits.Ids} ids are supported ({nameof(TokenizerLimits)}.{nameof(limits.Ids)}).");
            while (tokens.Count <= id) tokens.Add(null);
            if (tokens[id] is not null) throw new InvalidDataException($"{source}: line {line} gives the id {id} a second time.");
            if (!lines.TryAdd(Encoding.Latin1.GetString(token), line))
                throw new InvalidDataException($"{source}: line {line} holds the token of line {lines[Encoding.Latin1.GetString(token)]} again.");
            tokens[id] = token;
            ranks++;
            largest = Math.Max(largest, id);
        }
        if (largest > 64 + 16L * ranks) throw new InvalidDataException($"{source}: {ranks} tokens have ids up to {largest}: most ids are missing.");
        for (int b = 0; b < 256; b++)
            if (!lines.ContainsKey(((char)b).ToString()))
                throw new InvalidDataException($"{source}: there is no token for the byte 0x{b:X2}; the file may be cut short.");
        return (tokens, ranks);
    }

    private static bool TryParse(ReadOnlySpan<byte> row, out byte[] token, out int id)
    {
        (token, id) = ([], 0);
        row = row.TrimEnd((byte)'\r');
        int space = row.IndexOf((byte)' ');
        if (space < 4 || space % 4 != 0 || !Utf8Parser.TryParse(row[(space + 1)..], out id, out int used) || used != row.Length - space - 1 || id < 0) return false;
        var buffer = new byte[space / 4 * 3];
        if (Base64.DecodeFromUtf8(row[..space], buffer, out _, out int written) != System.Buffers.OperationStatus.Done || written == 0) return false;
        token = buffer[..written];
        return true;
    }

    private sealed record Known(int Ranks, string Pattern, (string Content, int Id)[] Special);

    private static readonly Known[] KnownVocabularies =
    [
        new(50256, SplitPatterns.Gpt2, [("<|endoftext|>", 50256)]), // r50k, GPT-2
        new(50280, SplitPatterns.Gpt2, [("<|endoftext|>", 50256)]), // p50k
        new(100256, SplitPatterns.Cl100K,
            [("<|endoftext|>", 100257), ("<|fim_prefix|>", 100258), ("<|fim_middle|>", 100259), ("<|fim_suffix|>", 100260), ("<|endofprompt|>", 100276)]),
        new(199998, SplitPatterns.O200K, [("<|endoftext|>", 199999), ("<|endofprompt|>", 200018)]),
        new(128000, SplitPatterns.Llama3,
        [
            ("<|begin_of_text|>", 128000), ("<|end_of_text|>", 128001), ("<|reserved_special_token_0|>", 128002),
            ("<|reserved_special_token_1|>", 128003), ("<|finetune_right_pad_id|>", 128004), ("<|reserved_special_token_2|>", 128005),
            ("<|start_header_id|>", 128006), ("<|end_header_id|>", 128007), ("<|eom_id|>", 128008), ("<|eot_id|>", 128009), ("<|python_tag|>", 128010),
        ]),
        new(151643, SplitPatterns.Qwen2, [("<|endoftext|>", 151643), ("<|im_start|>", 151644), ("<|im_end|>", 151645)]),
    ];
}
