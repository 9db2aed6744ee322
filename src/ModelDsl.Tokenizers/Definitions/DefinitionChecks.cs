using System.Text;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Definitions;

/// <summary>What must hold in every definition, whatever file it came from.</summary>
internal static class DefinitionChecks
{
    /// <exception cref="InvalidDataException">The definition contradicts itself.</exception>
    internal static void Run(TokenizerDefinition definition)
    {
        var (tokens, limits) = (definition.Model.Tokens, definition.Limits);
        if (tokens.Count == 0) throw new InvalidDataException($"{definition.Source}: the vocabulary is empty.");
        if (definition.Model.Unknown >= tokens.Count)
            throw new InvalidDataException($"{definition.Source}: the unknown token is {definition.Model.Unknown}, and the vocabulary has {tokens.Count} tokens.");
        if (tokens.Count > limits.Ids) throw new InvalidDataException($"{definition.Source}: the vocabulary has {tokens.Count} ids; {AtMostIds(limits)}.");
        if (definition.Model is BpeDefinition { Merges: null }) CheckLengths(definition);
        new ComponentChecks(definition).Run();
        foreach (var token in definition.AddedTokens)
        {
            if (token.Id >= limits.Ids) throw new InvalidDataException($"{definition.Source}: the added token \"{token.Content}\" has the id {token.Id}; {AtMostIds(limits)}.");
            if (token.Id >= tokens.Count || tokens[token.Id] is not { } inModel || Is(definition.Model, inModel, token.Content)) continue;
            throw new InvalidDataException(
                $"{definition.Source}: the added token \"{token.Content}\" has the id {token.Id}, which is inside the base vocabulary and there is \"{Encoding.UTF8.GetString(inModel)}\". Give it an id of its own.");
        }
    }

    private static string AtMostIds(TokenizerLimits limits) => $"at most {limits.Ids} ids are supported ({nameof(TokenizerLimits)}.{nameof(limits.Ids)})";

    // Deriving the merges of a token takes time in the square of its length.
    private static void CheckLengths(TokenizerDefinition definition)
    {
        var (tokens, most) = (definition.Model.Tokens, definition.Limits.TokenBytes);
        for (int id = 0; id < tokens.Count; id++)
            if (tokens[id]?.Length > most)
                throw new InvalidDataException($"{definition.Source}: the token {id} has {tokens[id]!.Length} bytes; at most {most} are supported ({nameof(TokenizerLimits)}.{nameof(TokenizerLimits.TokenBytes)}).");
    }

    private static bool Is(ModelDefinition model, byte[] token, string content) =>
        token.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(content)) || model is BpeDefinition { ByteLevel: true } && ByteAlphabet.ToText(token) == content;
}
