using System.Diagnostics;
using ModelDsl.Inference;
using ModelDsl.Tokenizers;

namespace Examples.TextGpt;

/// <summary>Continues a piece of the validation text, a token at a time through the cache of keys and values.</summary>
internal static class Sample
{
    private const int PromptTokens = 200, PromptCharacters = 60;

    /// <summary>Writes the prompt and the model's continuation as it is generated.</summary>
    public static void Write(Generator generator, Tokenizer tokenizer, string prompt, Sampling sampling, int tokens)
    {
        bool terminal = !Console.IsOutputRedirected;
        Console.Write(terminal ? $"\u001b[1m{prompt}\u001b[0m" : prompt);
        var decoder = tokenizer.CreateStreamDecoder(skipSpecial: true);
        long begin = Stopwatch.GetTimestamp();
        int made = 0;
        foreach (int token in generator.Stream(tokenizer.Encode(prompt), sampling, tokens))
        {
            Console.Write(decoder.Push(token));
            made++;
        }
        Console.WriteLine(decoder.Finish());
        Console.WriteLine();
        Console.WriteLine($"{made} tokens, {made / Stopwatch.GetElapsedTime(begin).TotalSeconds:N0} tokens/s");
    }

    /// <summary>The beginning of the first whole line that the model was not trained on.</summary>
    public static string Prompt(TokenDataset data, string tokensFile, Tokenizer tokenizer)
    {
        using var shard = TokenShard.Open(tokensFile);
        int[] tokens = new int[(int)Math.Min(PromptTokens, data.ValidationTokens)];
        shard.Read(data.TrainingTokens, tokens, tokenizer.Vocabulary);
        string text = tokenizer.Decode(tokens, skipSpecial: true);
        text = text[(text.IndexOf('\n') + 1)..].TrimStart();
        return text.Length == 0 ? "\n" : text[..Math.Min(PromptCharacters, text.Length)];
    }
}
