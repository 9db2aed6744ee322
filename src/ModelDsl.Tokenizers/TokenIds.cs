namespace ModelDsl.Tokenizers;

/// <summary>The errors about ids.</summary>
internal static class TokenIds
{
    internal static ArgumentOutOfRangeException OutOfRange(int id, int vocabulary) => new(nameof(id), id,
        $"The token id {id} is outside the vocabulary of {vocabulary} tokens (0 to {vocabulary - 1}).");

    internal static ArgumentOutOfRangeException Unassigned(int id) => new(nameof(id), id,
        $"The token id {id} is not assigned: the vocabulary has a gap there.");
}
