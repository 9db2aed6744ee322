using System.Text;
using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers.Formats;

/// <summary>A SentencePiece .model: a protocol buffer with pieces, scores, types and the normaliser's settings.</summary>
internal static class SentencePieceModel
{
    private enum Kind { Unigram = 1, Bpe = 2, Word = 3, Character = 4 }

    /// <summary>Whether the file begins with a piece: field 1, a message whose first field is a string.</summary>
    internal static bool Recognises(ReadOnlySpan<byte> content) =>
        content.Length > 4 && content[0] == 0x0A && content[2] == 0x0A && content[3] <= content[1];

    internal static TokenizerDefinition Read(ReadOnlySpan<byte> content, string source)
    {
        var pieces = new SentencePieces(source);
        var kind = Kind.Unigram;
        bool byteFallback = false, suffix = false;
        bool addPrefix = true, collapse = true, escape = true;
        byte[] map = [];
        var model = new ProtobufReader(content, source, 0);
        while (model.Next())
        {
            if (model.Field is < 1 or > 3)
            {
                model.Skip();
                continue;
            }
            int field = model.Field;
            var bytes = model.Bytes();
            var part = new ProtobufReader(bytes, source, model.Offset - bytes.Length);
            byte[] piece = [];
            float score = 0;
            var type = SentencePieceType.Normal;
            while (part.Next())
            {
                switch (field, part.Field)
                {
                    case (1, 1): piece = part.Bytes().ToArray(); break;
                    case (1, 2): score = part.Float(); break;
                    case (1, 3): type = (SentencePieceType)part.Integer(); break;
                    case (2, 3): kind = (Kind)part.Integer(); break;
                    case (2, 24): suffix = part.Integer() != 0; break;
                    case (2, 35): byteFallback = part.Integer() != 0; break;
                    case (3, 2): map = part.Bytes().ToArray(); break;
                    case (3, 3): addPrefix = part.Integer() != 0; break;
                    case (3, 4): collapse = part.Integer() != 0; break;
                    case (3, 5): escape = part.Integer() != 0; break;
                    default: part.Skip(); break;
                }
            }
            if (field == 1) pieces.Add(piece, score, type);
        }
        if (suffix) throw new NotSupportedException($"{source}: treat_whitespace_as_suffix is not supported.");
        var normalizers = new List<NormalizerDefinition>();
        if (map.Length > 0) normalizers.Add(new NormalizerDefinition.Precompiled(map));
        if (collapse) normalizers.Add(new NormalizerDefinition.CollapseSpaces());
        if (addPrefix) normalizers.Add(new NormalizerDefinition.Prepend(escape ? "\u2581" : " ", OnlyAtBeginning: true));
        if (escape) normalizers.Add(new NormalizerDefinition.Replace(" ", false, "\u2581"));
        return new TokenizerDefinition
        {
            Source = source,
            Normalizer = new NormalizerDefinition.Sequence(normalizers),
            PreTokenizer = kind == Kind.Word ? new PreTokenizerDefinition.Split("\u2581", false, SplitBehavior.MergedWithNext) : null,
            Model = kind switch
            {
                Kind.Unigram => pieces.Unigram(byteFallback),
                Kind.Bpe => pieces.Bpe(byteFallback, merges: null),
                Kind.Character => pieces.Bpe(byteFallback, merges: []),
                Kind.Word => pieces.WordLevel(),
                _ => throw new NotSupportedException($"{source}: the model type {(int)kind} is not supported; supported are unigram, bpe, word and char."),
            },
            Decoder = SentencePieces.Decoder(addPrefix),
            AddedTokens = pieces.AddedTokens,
        };
    }
}
