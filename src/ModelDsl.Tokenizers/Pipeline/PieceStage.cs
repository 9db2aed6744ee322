namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>A step between the text and the ids: cuts a piece for the next stage, or encodes it.</summary>
internal abstract class PieceStage
{
    /// <param name="piece">The piece: for this stage, all there is of the text.</param>
    /// <param name="offset">Where the piece begins, for the offsets of the tokens.</param>
    internal abstract void Run(ReadOnlySpan<byte> piece, int offset, Workspace workspace, TokenBuffer output);
}
