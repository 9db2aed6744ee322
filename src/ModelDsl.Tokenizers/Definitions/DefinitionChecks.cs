using System.Text;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Definitions;

/// <summary>What must hold in every definition, whatever file it came from.</summary>
internal static class DefinitionChecks
{
    /// <exception cref="InvalidDataException">The definition contradicts itself.</exception>
    internal static void Run(TokenizerDefinition definition)
    {
        var tokens = definition.Model.Tokens;
        if (tokens.Count == 0) throw new InvalidDataException($"{definition.Source}: the vocabulary is empty.");
        if (definition.Model.Unknown >= tokens.Count)
            throw new InvalidDataException($"{definition.Source}: the unknown token is {definition.Model.Unknown}, and the vocabulary has {tokens.Count} tokens.");
        foreach (var token in definition.AddedTokens)
        {
            if (token.Id >= tokens.Count || tokens[token.Id] is not { } inModel || Is(definition.Model, inModel, token.Content)) continue;
            throw new InvalidDataException(
                $"{definition.Source}: the added token \"{token.Content}\" has the id {token.Id}, which is inside the base vocabulary and there is \"{Encoding.UTF8.GetString(inModel)}\". Give it an id of its own.");
        }
    }

    private static bool Is(ModelDefinition model, byte[] token, string content) =>
        token.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(content)) || model is BpeDefinition { ByteLevel: true } && ByteAlphabet.ToText(token) == content;
}
