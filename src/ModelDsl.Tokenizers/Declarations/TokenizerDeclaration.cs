using System.Text;
using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers;

/// <summary>What a declared tokenizer says about itself; the generated half of the record fills it in.</summary>
public sealed record TokenizerDeclaration
{
    public required string Name { get; init; }

    /// <summary>The model that the record's base stands for.</summary>
    public required Type Model { get; init; }

    /// <summary>Null where the declaration leaves it to the file.</summary>
    public NormalizerDefinition? Normalizer { get; init; }

    /// <inheritdoc cref="Normalizer"/>
    public PreTokenizerDefinition? PreTokenizer { get; init; }

    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>The vocabulary of a file under the rules of this declaration.</summary>
    /// <exception cref="InvalidDataException">The file holds another kind of model, or is a tokenizer.json that cuts text in another way.</exception>
    public TokenizerDefinition Apply(TokenizerDefinition vocabulary)
    {
        if (vocabulary.Model.GetType() != Model)
            throw new InvalidDataException($"{vocabulary.Source}: holds a {vocabulary.Model.GetType().Name}, and {Name} is declared with a {Model.Name}.");
        if (vocabulary.IsComplete && PreTokenizer is not null && !Same(PreTokenizer, vocabulary.PreTokenizer))
            throw new InvalidDataException($"{vocabulary.Source}: its pre-tokenizer differs from the one that {Name} declares; declare what the file says, or train a vocabulary with the declaration.");
        var known = vocabulary.AddedTokens.Select(token => token.Content).ToHashSet();
        int next = vocabulary.AddedTokens.Aggregate(vocabulary.Model.Tokens.Count, (count, token) => Math.Max(count, token.Id + 1));
        var added = new List<AddedToken>(vocabulary.AddedTokens);
        foreach (string token in SpecialTokens)
            if (!known.Contains(token)) added.Add(new AddedToken(InModel(vocabulary.Model, token) ?? next++, token));
        return vocabulary with
        {
            Normalizer = Normalizer ?? vocabulary.Normalizer,
            PreTokenizer = PreTokenizer ?? vocabulary.PreTokenizer,
            AddedTokens = added,
        };
    }

    private static int? InModel(ModelDefinition model, string token)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(token);
        for (int id = 0; id < model.Tokens.Count; id++)
            if (model.Tokens[id] is { } other && other.AsSpan().SequenceEqual(bytes)) return id;
        return null;
    }

    private static bool Same(PreTokenizerDefinition declared, PreTokenizerDefinition? inFile) =>
        Json(declared).AsSpan().SequenceEqual(Json(inFile));

    private static byte[] Json(PreTokenizerDefinition? definition) =>
        TokenizerJson.Write(new TokenizerDefinition { Model = new WordLevelDefinition { Tokens = [] }, PreTokenizer = definition });
}
