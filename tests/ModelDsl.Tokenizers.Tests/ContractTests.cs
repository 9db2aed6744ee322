using ModelDsl.Tokenizers.Training;

namespace ModelDsl.Tokenizers.Tests;

public class ContractTests
{
    private static readonly TextTokenizer One = BpeTrainer.Train("some text, some more text"u8, new() { Vocabulary = 262 });
    private static readonly TextTokenizer Other = BpeTrainer.Train("some text, some more text"u8, new() { Vocabulary = 262, Pattern = @"\S+|\s+" });

    [Fact]
    public void WhateverDecidesIdsIsInTheContract()
    {
        Assert.Equal(One.Contract, BpeTrainer.Train("some text, some more text"u8, new() { Vocabulary = 262 }).Contract);
        Assert.NotEqual(One.Contract, Other.Contract);
        Assert.NotEqual(One.Contract, BpeTrainer.Train("some text, some more text"u8, new() { Vocabulary = 263, SpecialTokens = ["<|end|>"] }).Contract);
        Assert.Equal<Tokenizer>(One, new TextTokenizer(One.Definition));
        Assert.NotEqual<Tokenizer>(One, Other);
    }

    [Fact]
    public void AMismatchSaysWhatDiffers()
    {
        TokenizerContract.Check(One, One.Vocabulary, One.Contract, "run.safetensors");
        TokenizerContract.Check(One, 320, null, "run.safetensors");
        Assert.Contains("261 token embeddings", Assert.Throws<InvalidDataException>(() => TokenizerContract.Check(One, 261, null, "run.safetensors")).Message);
        string message = Assert.Throws<InvalidDataException>(() => TokenizerContract.Check(One, One.Vocabulary, Other.Contract, "run.safetensors")).Message;
        Assert.Contains("run.safetensors", message);
        Assert.Contains(One.Contract[..16], message);
        Assert.Contains(Other.Contract[..16], message);
    }
}
