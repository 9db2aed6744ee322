using System.Buffers.Text;
using System.CommandLine;
using ModelDsl.Tokenizers;

namespace ModelDsl.Cli.Tokenizers;

/// <summary><c>modeldsl tokenizer encode</c>: reads text and writes ids, one line per text.</summary>
internal static class EncodeCommand
{
    internal static Command Create()
    {
        var vocabulary = TokenizerCommand.Vocabulary();
        var input = TokenizerCommand.Input();
        var special = new Option<string>("--special")
        {
            Description = "Whether special tokens written out in the text are recognised.",
            DefaultValueFactory = _ => "none",
        };
        special.AcceptOnlyFromAmong("none", "all");
        var separator = new Option<string?>("--separator")
        {
            Description = "What stands between texts; without it all of the input is one text. \\n, \\r, \\t, \\0 and \\\\ are understood.",
            HelpName = "STRING",
        };
        var template = new Option<bool>("--template") { Description = "Add the begin and end tokens that the tokenizer's template has." };
        var command = new Command("encode", "Print the ids of text, separated by spaces, a line a text.") { vocabulary, input, special, separator, template };
        command.SetAction(parsed => Failures.Report(() => Run(
            Tokenizer.Load(parsed.GetRequiredValue(vocabulary).FullName), parsed.GetValue(input),
            Streams.Separator(parsed.GetValue(separator) ?? ""),
            new EncodeOptions
            {
                Special = parsed.GetValue(special) == "all" ? SpecialTokens.All : SpecialTokens.None,
                Template = parsed.GetValue(template),
            })));
        return command;
    }

    private static int Run(Tokenizer tokenizer, FileInfo? input, byte[] separator, EncodeOptions options)
    {
        byte[] text = Streams.ReadAll(input);
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        var buffer = new TokenBuffer();
        Span<byte> digits = stackalloc byte[12];
        int number = 0;
        foreach (var part in Streams.Split(text, separator))
        {
            buffer.Clear();
            number++;
            try
            {
                tokenizer.Encode(part.Span, buffer, options);
            }
            catch (InvalidDataException error)
            {
                throw new InvalidDataException($"{input?.FullName ?? "standard input"}, text {number}: {error.Message}", error);
            }
            for (int i = 0; i < buffer.Count; i++)
            {
                if (i > 0) output.WriteByte((byte)' ');
                Utf8Formatter.TryFormat(buffer.Ids[i], digits, out int length);
                output.Write(digits[..length]);
            }
            output.WriteByte((byte)'\n');
        }
        return 0;
    }
}
