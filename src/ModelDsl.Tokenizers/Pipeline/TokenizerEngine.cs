using System.Buffers;
using System.Text;
using ModelDsl.Tokenizers.Bpe;
using ModelDsl.Tokenizers.Decoding;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Normalizing;
using ModelDsl.Tokenizers.Patterns;
using ModelDsl.Tokenizers.Text;
using ModelDsl.Tokenizers.Unigram;
using ModelDsl.Tokenizers.WordPiece;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>A definition made ready to run: added tokens, normalizers, stages, model, template, decoder.</summary>
internal sealed class TokenizerEngine
{
    private readonly Model model;
    private readonly PieceStage stages;
    private readonly Normalizer[] normalizers;
    private readonly AddedTokens addedTokens;
    private readonly PostTemplate template;
    private readonly Lazy<TokenDecoder> decoder;
    private readonly Lazy<string> contract;

    /// <param name="compiled">Gives the scanner of a pattern that was compiled at build, or null.</param>
    internal TokenizerEngine(TokenizerDefinition definition, Func<string, PatternScanner?>? compiled = null)
    {
        Definition = definition;
        DefinitionChecks.Run(definition);
        model = BuildModel(definition);
        var patterns = definition.Limits.Patterns();
        stages = new StageBuilder(definition.Source, patterns, compiled).Build(definition.PreTokenizer, model);
        normalizers = [.. Normalizer.Build(definition.Normalizer, definition.Source, patterns)];
        addedTokens = new AddedTokens(definition, normalizers);
        template = new PostTemplate(definition.PostProcessor);
        decoder = new Lazy<TokenDecoder>(() => new TokenDecoder(definition));
        contract = new Lazy<string>(() => ContractHash.Of(TokenizerJson.Write(definition)));
        Vocabulary = definition.AddedTokens.Aggregate(definition.Model.Tokens.Count, (count, token) => Math.Max(count, token.Id + 1));
    }

    internal TokenizerDefinition Definition { get; }

    internal int Vocabulary { get; }

    internal string Contract => contract.Value;

    internal TokenDecoder Decoder => decoder.Value;

    internal bool IsSpecial(int id) => addedTokens.IsSpecial(id);

    internal int? IdOf(string token) => addedTokens.IdOf(token) ?? ModelId(token);

    internal void Encode(ReadOnlySpan<byte> utf8, TokenBuffer output, EncodeOptions options)
    {
        int before = output.Count;
        if (options.Template)
        {
            EncodeTemplate(utf8, [], isPair: false, output, options);
            return;
        }
        EncodeText(utf8, output, options.Special);
        if (options.MaximumTokens > 0) output.Truncate(before + options.MaximumTokens);
    }

    /// <summary>Two texts in the template for pairs; the longer loses tokens first where there are too many.</summary>
    internal void EncodePair(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, TokenBuffer output, EncodeOptions options) =>
        EncodeTemplate(first, second, isPair: true, output, options);

    private void EncodeTemplate(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, bool isPair, TokenBuffer output, EncodeOptions options)
    {
        TokenBuffer one = new(tracksOffsets: output.TracksOffsets), two = new(tracksOffsets: output.TracksOffsets);
        EncodeText(first, one, options.Special);
        if (isPair) EncodeText(second, two, options.Special);
        if (options.MaximumTokens > 0)
        {
            int room = Math.Max(0, options.MaximumTokens - template.Added(isPair));
            while (one.Count + two.Count > room) (one.Count >= two.Count ? one : two).Truncate(Math.Max(one.Count, two.Count) - 1);
        }
        foreach (var piece in template.Pieces(isPair))
        {
            if (piece.Text < 0) foreach (int id in piece.Ids) output.Add(id, 0, 0);
            else output.Append(piece.Text == 0 ? one : two);
        }
    }

    private void EncodeText(ReadOnlySpan<byte> utf8, TokenBuffer output, SpecialTokens special)
    {
        var workspace = Workspace.Rent();
        var finder = addedTokens.InRawText(special);
        for (int at = 0; at < utf8.Length;)
        {
            int start = utf8.Length, end = utf8.Length;
            var token = finder.IsEmpty ? null : finder.Find(utf8, at, out start, out end);
            if (start > at) EncodeSegment(utf8[at..start], at, special, workspace, output);
            if (token is not null) output.Add(token.Id, start, end);
            at = end;
        }
        Workspace.Return(workspace);
    }

    private void EncodeSegment(ReadOnlySpan<byte> segment, int offset, SpecialTokens special, Workspace workspace, TokenBuffer output)
    {
        if (normalizers.Length == 0)
        {
            workspace.AtBeginning = true; // offsets count from the beginning of the text
            EncodeNormalized(segment, offset, special, workspace, output);
            return;
        }
        var text = workspace.Normalized;
        text.Reset(segment, offset, output.TracksOffsets, Definition.Limits);
        foreach (var normalizer in normalizers) normalizer.Apply(text);
        int first = output.Count;
        workspace.AtBeginning = offset == 0;
        EncodeNormalized(text.Text, 0, special, workspace, output);
        if (!output.TracksOffsets) return;
        for (int i = first; i < output.Count; i++)
        {
            var (start, end) = text.SourceOf(output.Offsets[i].Start, output.Offsets[i].End);
            output.SetOffsets(i, start, end);
        }
    }

    private void EncodeNormalized(ReadOnlySpan<byte> text, int offset, SpecialTokens special, Workspace workspace, TokenBuffer output)
    {
        var finder = addedTokens.InNormalizedText(special);
        if (finder.IsEmpty)
        {
            stages.Run(text, offset, workspace, output);
            return;
        }
        for (int at = 0; at < text.Length;)
        {
            var token = finder.Find(text, at, out int start, out int end);
            if (start > at) stages.Run(text[at..start], offset + at, workspace, output);
            if (token is not null) output.Add(token.Id, offset + start, offset + end);
            at = end;
        }
    }

    private int? ModelId(string token)
    {
        byte[]? bytes = Definition.Model is BpeDefinition { ByteLevel: true } ? ByteAlphabet.ToBytes(token) : Encoding.UTF8.GetBytes(token);
        if (bytes is not null && model.Tokens.Find(bytes) is var id && id >= 0) return id;
        return model.Tokens.Find(Encoding.UTF8.GetBytes(token)) is var literal && literal >= 0 ? literal : null;
    }

    private static Model BuildModel(TokenizerDefinition definition)
    {
        var tokens = definition.Model.Tokens;
        var reserved = definition.Model.Reserved;
        bool Findable(int id) => !reserved.Contains(id);
        switch (definition.Model)
        {
            case BpeDefinition { ByteLevel: true, ContinuingSubwordPrefix: "", EndOfWordSuffix: "" } bpe:
                return new BpeModel(bpe, new TokenTable(tokens, id => Findable(id) && !bpe.Literal.Contains(id)));
            case BpeDefinition bpe:
                return new CharacterBpeModel(bpe, new TokenTable(tokens, Findable), Findable);
            case UnigramDefinition unigram:
                return new UnigramModel(unigram, new TokenTable(tokens, Findable), Findable);
            case WordPieceDefinition wordPiece:
                return new WordPieceModel(wordPiece, new TokenTable(tokens, Findable), Findable);
            case WordLevelDefinition wordLevel:
                return new WordLevelModel(wordLevel, new TokenTable(tokens, Findable));
            default:
                throw new NotSupportedException($"{definition.Source}: the model {definition.Model.GetType().Name} is not supported.");
        }
    }
}
