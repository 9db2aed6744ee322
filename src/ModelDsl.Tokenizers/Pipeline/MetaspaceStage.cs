using System.Text;
using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>Writes the Metaspace character for every space, and one before the piece.</summary>
internal sealed class MetaspaceStage(PreTokenizerDefinition.Metaspace definition, PieceStage next) : PieceStage
{
    private readonly byte[] mark = Encoding.UTF8.GetBytes(definition.Replacement);

    internal override void Run(ReadOnlySpan<byte> piece, int offset, Workspace workspace, TokenBuffer output)
    {
        bool prepend = definition.Prepend switch
        {
            PrependScheme.Always => true,
            PrependScheme.First => offset == 0 && workspace.AtBeginning,
            _ => false,
        } && piece is not [(byte)' ', ..] && !piece.StartsWith(mark);
        int spaces = piece.Count((byte)' ');
        var text = new byte[piece.Length + spaces * (mark.Length - 1) + (prepend ? mark.Length : 0)];
        var source = output.TracksOffsets ? new int[text.Length + 1] : [];
        int at = 0;
        void Mark(int from, int to)
        {
            mark.CopyTo(text, at);
            if (source.Length > 0) source.AsSpan(at, mark.Length).Fill(from);
            at += mark.Length;
            if (source.Length > 0) source[at] = to;
        }
        if (prepend) Mark(0, 0);
        for (int i = 0; i < piece.Length; i++)
        {
            if (piece[i] == ' ')
            {
                Mark(i, i + 1);
                continue;
            }
            if (source.Length > 0) (source[at], source[at + 1]) = (i, i + 1);
            text[at++] = piece[i];
        }
        int first = output.Count;
        next.Run(text, 0, workspace, output);
        if (!output.TracksOffsets) return;
        for (int i = first; i < output.Count; i++)
        {
            var (start, end) = output.Offsets[i];
            output.SetOffsets(i, offset + source[start], offset + source[end]);
        }
    }
}
