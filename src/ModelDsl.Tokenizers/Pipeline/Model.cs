using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>The last stage: turns pieces into ids.</summary>
internal abstract class Model : PieceStage
{
    internal abstract TokenTable Tokens { get; }

    /// <summary>Encodes neighbouring pieces: piece i is [the cut before, cuts[i]), the first begins at <paramref name="start"/>; a complement (<c>~end</c>) is left out.</summary>
    internal abstract void Encode(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> cuts, int offset, Workspace workspace, TokenBuffer output);

    internal override void Run(ReadOnlySpan<byte> piece, int offset, Workspace workspace, TokenBuffer output)
    {
        if (piece.Length > 0) Encode(piece, 0, [piece.Length], offset, workspace, output);
    }
}
