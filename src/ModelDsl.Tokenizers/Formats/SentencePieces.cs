using System.Text;
using System.Text.Unicode;
using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers.Formats;

/// <summary>What a piece is for; the numbers are those of .model and GGUF files.</summary>
internal enum SentencePieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>Pieces with scores and types, and the models that they make.</summary>
internal sealed class SentencePieces(string source)
{
    private readonly List<byte[]?> tokens = [];
    private readonly List<double> scores = [];
    private readonly HashSet<int> reserved = [];
    private readonly Dictionary<string, int> ids = [];
    private int? unknown;

    internal List<AddedToken> AddedTokens { get; } = [];

    internal void Add(byte[] piece, double score, SentencePieceType type)
    {
        int id = tokens.Count;
        string text = Encoding.UTF8.GetString(piece);
        if (piece.Length == 0) throw new InvalidDataException($"{source}: the piece {id} is empty.");
        if (!ids.TryAdd(text, id)) throw new InvalidDataException($"{source}: the piece {id}, \"{text}\", is the piece {ids[text]} again.");
        if (!Utf8.IsValid(piece)) throw new InvalidDataException($"{source}: the piece {id}, \"{text}\", is not valid UTF-8.");
        if (!double.IsFinite(score)) throw new InvalidDataException($"{source}: the score of the piece {id}, \"{text}\", is {score}, which is not a finite number.");
        tokens.Add(piece);
        scores.Add(score);
        switch (type)
        {
            case SentencePieceType.Normal:
                return;
            case SentencePieceType.Unknown when unknown is not null:
                throw new InvalidDataException($"{source}: the pieces {unknown} and {id} are both the unknown piece.");
            case SentencePieceType.Unknown:
                unknown = id;
                AddedTokens.Add(new AddedToken(id, text));
                break;
            case SentencePieceType.Control:
                AddedTokens.Add(new AddedToken(id, text));
                break;
            case SentencePieceType.UserDefined:
                AddedTokens.Add(new AddedToken(id, text, Special: false));
                break;
            case SentencePieceType.Unused or SentencePieceType.Byte:
                break;
            default:
                throw new InvalidDataException($"{source}: the piece {id}, \"{text}\", has the unknown type {(int)type}.");
        }
        reserved.Add(id);
    }

    internal UnigramDefinition Unigram(bool byteFallback) => new()
    {
        Tokens = tokens, Scores = scores, Unknown = RequireUnknown(), Reserved = reserved, ByteFallback = byteFallback, SinglePrecision = true,
    };

    /// <param name="merges">Null: by the scores.</param>
    internal BpeDefinition Bpe(bool byteFallback, IReadOnlyList<BpeMerge>? merges) => new()
    {
        Tokens = tokens, Scores = scores, Merges = merges, Unknown = unknown, Reserved = reserved, ByteFallback = byteFallback, FuseUnknown = true,
    };

    internal WordLevelDefinition WordLevel() => new() { Tokens = tokens, Unknown = RequireUnknown(), Reserved = reserved };

    internal static DecoderDefinition Decoder(bool addsPrefix)
    {
        var steps = new List<DecoderDefinition> { new DecoderDefinition.Replace("\u2581", " "), new DecoderDefinition.ByteFallback(), new DecoderDefinition.Fuse() };
        if (addsPrefix) steps.Add(new DecoderDefinition.Strip(" ", 1, 0));
        return new DecoderDefinition.Sequence(steps);
    }

    private int RequireUnknown() => unknown ?? throw new InvalidDataException($"{source}: no piece has the type unknown.");
}
