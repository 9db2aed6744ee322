using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>Puts text before a piece that does not begin with a space.</summary>
internal sealed class PrefixStage(byte[] prefix, PrependScheme scheme, PieceStage next) : PieceStage
{
    internal override void Run(ReadOnlySpan<byte> piece, int offset, Workspace workspace, TokenBuffer output)
    {
        bool wanted = scheme == PrependScheme.Always || scheme == PrependScheme.First && offset == 0 && workspace.AtBeginning;
        if (!wanted || piece.IsEmpty || piece[0] == ' ')
        {
            next.Run(piece, offset, workspace, output);
            return;
        }
        byte[] longer = [.. prefix, .. piece];
        int first = output.Count;
        next.Run(longer, offset, workspace, output);
        if (output.TracksOffsets) ShiftBack(output, first, offset);
    }

    // The prefix has no place of its own in the text.
    private void ShiftBack(TokenBuffer output, int first, int offset)
    {
        for (int i = first; i < output.Count; i++)
        {
            var (start, end) = output.Offsets[i];
            output.SetOffsets(i, Math.Max(offset, start - prefix.Length), Math.Max(offset, end - prefix.Length));
        }
    }
}
