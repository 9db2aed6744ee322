using System.Text;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Pipeline;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers;

/// <summary>A tokenizer built from a definition: cut the text, encode the pieces.</summary>
public record TextTokenizer : Tokenizer
{
    private readonly TokenizerEngine engine;

    /// <exception cref="NotSupportedException">A part of the definition, named in the message, is not supported.</exception>
    /// <exception cref="InvalidDataException">The definition contradicts itself.</exception>
    public TextTokenizer(TokenizerDefinition definition) : this(new TokenizerEngine(definition)) { }

    private protected TextTokenizer(TokenizerEngine engine) => this.engine = engine;

    public TokenizerDefinition Definition => engine.Definition;

    public override int Vocabulary => engine.Vocabulary;

    public override string Contract => engine.Contract;

    public override void Encode(ReadOnlySpan<byte> utf8, TokenBuffer output, EncodeOptions options = default) =>
        engine.Encode(utf8, output, options);

    public override ReadOnlySpan<byte> Bytes(int id, bool first = false) => engine.Bytes(id, first);

    public override int? IdOf(string token) => engine.IdOf(token);

    public override bool IsSpecial(int id) => engine.IsSpecial(id);

    public override void Save(string path) => TokenizerJson.Save(Definition, path);
}
