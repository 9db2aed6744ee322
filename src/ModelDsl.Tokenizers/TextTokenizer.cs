using System.Buffers;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;
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

    /// <inheritdoc cref="TextTokenizer(TokenizerDefinition)"/>
    /// <param name="scanners">The scanner that was compiled at build for a pattern, or null.</param>
    protected TextTokenizer(TokenizerDefinition definition, Func<string, PatternScanner?> scanners) : this(new TokenizerEngine(definition, scanners)) { }

    private TextTokenizer(TokenizerEngine engine) => this.engine = engine;

    public TokenizerDefinition Definition => engine.Definition;

    /// <inheritdoc cref="Tokenizer.Equals(Tokenizer?)"/>
    public virtual bool Equals(TextTokenizer? other) => base.Equals(other);

    public override int GetHashCode() => base.GetHashCode();

    public override int Vocabulary => engine.Vocabulary;

    public override string Contract => engine.Contract;

    public override void Encode(ReadOnlySpan<byte> utf8, TokenBuffer output, EncodeOptions options = default) =>
        engine.Encode(utf8, output, options);

    /// <summary>Appends the ids of two texts in the template for pairs; of too many tokens the longer text loses first.</summary>
    public void EncodePair(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, TokenBuffer output, EncodeOptions options = default) =>
        engine.EncodePair(first, second, output, options);

    public override ReadOnlySpan<byte> Bytes(int id, bool first = false) => engine.Decoder.Bytes(id, first);

    /// <inheritdoc/>
    public override void Decode(ReadOnlySpan<int> ids, IBufferWriter<byte> output, bool skipSpecial = false)
    {
        if (skipSpecial || engine.Decoder.Suffix is not null)
        {
            int last = ids.Length;
            if (engine.Decoder.Suffix is not null && last > 0) last--;
            base.Decode(ids[..last], output, skipSpecial);
            if (last < ids.Length && !(skipSpecial && IsSpecial(ids[last]))) output.Write(engine.Decoder.LastBytes(ids[last], isFirst: last == 0));
            return;
        }
        const int atOnce = 4096;
        for (int from = 0, least = 16; from < ids.Length;)
        {
            var room = output.GetSpan(Math.Max(least, Math.Min(atOnce, ids.Length - from) * 4 + 32));
            var (done, bytes) = engine.Decoder.Copy(ids[from..], room, from == 0);
            output.Advance(bytes);
            from += done;
            least = done == 0 ? 2 * room.Length : 16;
        }
    }

    public override int? IdOf(string token) => engine.IdOf(token);

    public override bool IsSpecial(int id) => engine.IsSpecial(id);

    public override void Save(string path) => TokenizerJson.Save(Definition, path);
}
