using System.Buffers.Text;
using System.CommandLine;
using ModelDsl.Tokenizers;

namespace ModelDsl.Cli.Tokenizers;

/// <summary><c>modeldsl tokenizer decode</c>: reads ids, one text per line, and writes text.</summary>
internal static class DecodeCommand
{
    internal static Command Create()
    {
        var vocabulary = TokenizerCommand.Vocabulary();
        var input = TokenizerCommand.Input();
        var separator = new Option<string>("--separator")
        {
            Description = "What to write between texts.", HelpName = "STRING", DefaultValueFactory = _ => "\\n",
        };
        var skipSpecial = new Option<bool>("--skip-special") { Description = "Leave special tokens out." };
        var command = new Command("decode", "Print the text of ids; each line of the input is a text.") { vocabulary, input, separator, skipSpecial };
        command.SetAction(parsed => Failures.Report(() => Run(
            Tokenizer.Load(parsed.GetRequiredValue(vocabulary).FullName), Streams.ReadAll(parsed.GetValue(input)),
            Streams.Separator(parsed.GetValue(separator)!), parsed.GetValue(skipSpecial))));
        return command;
    }

    private static int Run(Tokenizer tokenizer, byte[] text, byte[] separator, bool skipSpecial)
    {
        using var output = Console.OpenStandardOutput();
        int line = 0;
        var ids = new List<int>();
        if (text is [.., (byte)'\n']) text = text[..^1];
        foreach (var part in Streams.Split(text, [(byte)'\n']))
        {
            if (line++ > 0) output.Write(separator);
            Parse(part.Span, ids, line);
            output.Write(tokenizer.DecodeBytes(ids.ToArray(), skipSpecial));
        }
        return 0;
    }

    private static void Parse(ReadOnlySpan<byte> text, List<int> ids, int line)
    {
        ids.Clear();
        for (int at = 0; at < text.Length;)
        {
            if (text[at] is (byte)' ' or (byte)',' or (byte)'[' or (byte)']' or (byte)'\r' or (byte)'\t')
            {
                at++;
                continue;
            }
            if (!Utf8Parser.TryParse(text[at..], out int id, out int length))
                throw new InvalidDataException($"line {line}, column {at + 1}: expected a token id.");
            ids.Add(id);
            at += length;
        }
    }
}
