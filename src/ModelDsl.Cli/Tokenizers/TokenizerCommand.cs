using System.CommandLine;

namespace ModelDsl.Cli.Tokenizers;

/// <summary><c>modeldsl tokenizer</c>: train, encode, decode, inspect.</summary>
internal static class TokenizerCommand
{
    internal static Command Create() => new("tokenizer", "Train, use and inspect tokenizers.")
    {
        TrainCommand.Create(), EncodeCommand.Create(), DecodeCommand.Create(), InspectCommand.Create(),
    };

    internal static Option<FileInfo> Vocabulary() => new("--vocab")
    {
        Description = "The vocabulary: tokenizer.json, tiktoken ranks, a SentencePiece model, a GGUF file or vocab.txt, recognised by its content.",
        HelpName = "FILE",
        Required = true,
    };

    internal static Option<FileInfo?> Input() => new("--input") { Description = "Read this file instead of standard input.", HelpName = "FILE" };
}
