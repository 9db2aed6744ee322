namespace ModelDsl.Tokenizers;

/// <summary>Holds tokenizer, model and checkpoint together.</summary>
public static class TokenizerContract
{
    /// <summary>Checks that a model and its checkpoint were made with this tokenizer.</summary>
    /// <param name="vocabulary">The number of ids of the model's embedding; it may be padded beyond the tokenizer's.</param>
    /// <param name="contract">The contract that the checkpoint recorded, or null where it has none.</param>
    /// <param name="checkpoint">The checkpoint's name, for the message.</param>
    /// <exception cref="InvalidDataException">They differ; the message says in what.</exception>
    public static void Check(Tokenizer tokenizer, int vocabulary, string? contract, string checkpoint)
    {
        if (vocabulary < tokenizer.Vocabulary)
            throw new InvalidDataException(
                $"{checkpoint}: the model has {vocabulary} token embeddings, and the tokenizer has {tokenizer.Vocabulary} ids. Load the tokenizer that the model was trained with.");
        if (contract is not null && contract != tokenizer.Contract)
            throw new InvalidDataException(
                $"{checkpoint}: was trained with the tokenizer {Short(contract)}, and this one is {Short(tokenizer.Contract)} ({tokenizer.Vocabulary} ids). Load the tokenizer that stands beside the checkpoint.");
    }

    private static string Short(string contract) => contract.Length > 16 ? contract[..16] : contract;
}
