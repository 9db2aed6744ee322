using System.Text;
using ModelDsl.Tokenizers.Bpe;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>A definition made ready to run: added tokens, stages, model, decoding tables.</summary>
internal sealed class TokenizerEngine
{
    private readonly PieceStage stages;
    private readonly TokenTable decoded;
    private readonly AddedTokenFinder everyToken, ordinaryTokens;
    private readonly HashSet<int> special;
    private readonly Dictionary<string, int> added;
    private readonly Lazy<string> contract;

    internal TokenizerEngine(TokenizerDefinition definition, Func<string, Patterns.PatternScanner?>? compiled = null)
    {
        Definition = definition;
        var model = BuildModel(definition);
        stages = new StageBuilder(definition.Source, compiled).Build(definition.PreTokenizer, model);
        special = [.. definition.AddedTokens.Where(token => token.Special).Select(token => token.Id)];
        added = definition.AddedTokens.GroupBy(token => token.Content).ToDictionary(group => group.Key, group => group.First().Id);
        var contents = definition.AddedTokens.Select(token => (token, Encoding.UTF8.GetBytes(token.Content))).ToList();
        everyToken = new AddedTokenFinder(contents);
        ordinaryTokens = new AddedTokenFinder(contents.Where(content => !content.token.Special));
        decoded = new TokenTable(DecodedTokens(definition));
        contract = new Lazy<string>(() => ContractHash.Of(TokenizerJson.Write(definition)));
    }

    internal TokenizerDefinition Definition { get; }

    internal int Vocabulary => decoded.Count;

    internal string Contract => contract.Value;

    internal bool IsSpecial(int id) => special.Contains(id);

    internal int? IdOf(string token) =>
        added.TryGetValue(token, out int id) || (id = decoded.Find(Encoding.UTF8.GetBytes(token))) >= 0 ? id : null;

    internal ReadOnlySpan<byte> Bytes(int id, bool first)
    {
        if ((uint)id >= (uint)decoded.Count) throw TokenIds.OutOfRange(id, Vocabulary);
        var bytes = decoded[id];
        return bytes.IsEmpty && Definition.Model.Tokens.ElementAtOrDefault(id) is null && !special.Contains(id) ? throw TokenIds.Unassigned(id) : bytes;
    }

    internal void Encode(ReadOnlySpan<byte> utf8, TokenBuffer output, EncodeOptions options)
    {
        int before = output.Count;
        var workspace = Workspace.Rent();
        var finder = options.Special == SpecialTokens.All ? everyToken : ordinaryTokens;
        for (int at = 0; at < utf8.Length;)
        {
            int start = utf8.Length, end = utf8.Length;
            var token = finder.IsEmpty ? null : finder.Find(utf8, at, out start, out end);
            if (start > at) stages.Run(utf8[at..start], at, workspace, output);
            if (token is not null) output.Add(token.Id, start, end);
            at = end;
        }
        Workspace.Return(workspace);
        if (options.MaximumTokens > 0) output.Truncate(before + options.MaximumTokens);
    }

    private static Model BuildModel(TokenizerDefinition definition) => definition.Model switch
    {
        BpeDefinition { ByteLevel: true } bpe => new BpeModel(bpe, new TokenTable(bpe.Tokens, id => !bpe.Literal.Contains(id))),
        var other => throw new NotSupportedException($"{definition.Source}: the model {other.GetType().Name} is not supported."),
    };

    private static byte[]?[] DecodedTokens(TokenizerDefinition definition)
    {
        int count = Math.Max(definition.Model.Tokens.Count, definition.AddedTokens.Count == 0 ? 0 : definition.AddedTokens.Max(token => token.Id) + 1);
        var tokens = new byte[]?[count];
        for (int id = 0; id < definition.Model.Tokens.Count; id++) tokens[id] = definition.Model.Tokens[id];
        foreach (var token in definition.AddedTokens) tokens[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        return tokens;
    }
}
