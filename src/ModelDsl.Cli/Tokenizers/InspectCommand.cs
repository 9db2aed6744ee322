using System.CommandLine;
using System.Text;
using ModelDsl.Tokenizers;
using ModelDsl.Tokenizers.Definitions;
using Spectre.Console;

namespace ModelDsl.Cli.Tokenizers;

/// <summary><c>modeldsl tokenizer inspect</c>: describes a vocabulary, and shows how it splits a text.</summary>
internal static class InspectCommand
{
    // Neighbouring tokens get different colours.
    private static readonly Color[] Colors = [new(144, 202, 249), new(165, 214, 167), new(255, 224, 130), new(244, 143, 177), new(206, 147, 216)];

    internal static Command Create()
    {
        var vocabulary = TokenizerCommand.Vocabulary();
        var text = new Option<string?>("--text") { Description = "Show how this text is cut.", HelpName = "TEXT" };
        var command = new Command("inspect", "Describe a vocabulary, and show how a text is cut.") { vocabulary, text };
        command.SetAction(parsed => Failures.Report(() =>
        {
            var tokenizer = Tokenizer.Load(parsed.GetRequiredValue(vocabulary).FullName);
            AnsiConsole.Write(Describe(tokenizer));
            if (parsed.GetValue(text) is { } shown) ShowCut(tokenizer, shown);
            return 0;
        }));
        return command;
    }

    private static Table Describe(TextTokenizer tokenizer)
    {
        var definition = tokenizer.Definition;
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        void Row(string name, string value) => table.AddRow(new Text(name, new Style(Color.Grey)), new Text(value));
        Row("model", Kind(definition.Model));
        Row("vocabulary", $"{tokenizer.Vocabulary} ids");
        Row("normalizer", definition.Normalizer is null ? "none" : Name(definition.Normalizer));
        Row("pre-tokenizer", definition.PreTokenizer is null ? "none" : Name(definition.PreTokenizer));
        Row("decoder", definition.Decoder is null ? "none" : Name(definition.Decoder));
        var special = definition.AddedTokens.Where(token => token.Special).Select(token => $"{token.Content} {token.Id}").ToList();
        Row("special tokens", special.Count == 0 ? "none" : string.Join(", ", special.Take(12)) + (special.Count > 12 ? $" and {special.Count - 12} more" : ""));
        Row("contract", tokenizer.Contract);
        return table;
    }

    private static string Kind(ModelDefinition model) => model switch
    {
        BpeDefinition { ByteLevel: true } => "byte-level BPE",
        BpeDefinition { ByteFallback: true } => "BPE over characters with byte fallback",
        BpeDefinition => "BPE over characters",
        UnigramDefinition => "Unigram",
        WordPieceDefinition => "WordPiece",
        _ => "word level",
    };

    private static string Name(object definition) => definition switch
    {
        NormalizerDefinition.Sequence sequence => string.Join(", ", sequence.Items.Select(Name)),
        PreTokenizerDefinition.Sequence sequence => string.Join(", ", sequence.Items.Select(Name)),
        DecoderDefinition.Sequence sequence => string.Join(", ", sequence.Items.Select(Name)),
        PreTokenizerDefinition.Split split => $"Split {split.Pattern}",
        _ => definition.GetType().Name,
    };

    private static void ShowCut(Tokenizer tokenizer, string text)
    {
        int[] ids = tokenizer.Encode(text);
        var cut = new Paragraph();
        var list = new Paragraph();
        for (int i = 0; i < ids.Length; i++)
        {
            var style = new Style(Color.Black, Colors[i % Colors.Length]);
            cut.Append(Visible(tokenizer.Bytes(ids[i], i == 0)), style);
            list.Append(ids[i].ToString(System.Globalization.CultureInfo.InvariantCulture), style).Append(" ");
        }
        AnsiConsole.WriteLine();
        AnsiConsole.Write(cut);
        AnsiConsole.WriteLine();
        AnsiConsole.Write(list);
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine($"{ids.Length} tokens, {Encoding.UTF8.GetByteCount(text)} bytes");
    }

    // Shows spaces and line ends as visible characters, and the bytes of a character that is split between tokens in hexadecimal.
    private static string Visible(ReadOnlySpan<byte> bytes)
    {
        if (!System.Text.Unicode.Utf8.IsValid(bytes)) return "\\x" + Convert.ToHexString(bytes);
        return Encoding.UTF8.GetString(bytes).Replace(' ', '\u00B7').Replace("\n", "\u21B5").Replace("\t", "\u2192");
    }
}
