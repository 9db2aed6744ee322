using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>Cuts at the matches of a pattern.</summary>
internal sealed class SplitStage(PatternScanner scanner, SplitBehavior behavior, bool invert, PieceStage next) : PieceStage
{
    internal override void Run(ReadOnlySpan<byte> piece, int offset, Workspace workspace, TokenBuffer output)
    {
        if (next is Model model && behavior is SplitBehavior.Isolated) CutForModel(piece, offset, model, workspace, output);
        else CutForStage(piece, offset, workspace, output);
    }

    // The usual case: every match and everything between is a piece.
    private void CutForModel(ReadOnlySpan<byte> piece, int offset, Model model, Workspace workspace, TokenBuffer output)
    {
        var cuts = workspace.Cuts;
        for (int from = 0; from < piece.Length;)
        {
            int count = scanner.Cut(piece, from, cuts);
            for (int i = 0; i < count; i++)
                if (cuts[i] < 0) cuts[i] = ~cuts[i];
            model.Encode(piece, from, cuts.AsSpan(0, count), offset, workspace, output);
            from = cuts[count - 1];
        }
    }

    private void CutForStage(ReadOnlySpan<byte> piece, int offset, Workspace workspace, TokenBuffer output)
    {
        Span<int> cuts = stackalloc int[64];
        int open = 0; // where the piece begins that is not yet handed on
        bool openMatch = false;
        for (int from = 0; from < piece.Length;)
        {
            int count = scanner.Cut(piece, from, cuts);
            foreach (int cut in cuts[..count])
            {
                int end = cut < 0 ? ~cut : cut;
                bool match = cut >= 0 != invert;
                // Whether a cut stands between what is open and what follows.
                bool cutHere = behavior switch
                {
                    SplitBehavior.MergedWithPrevious => openMatch || !match,
                    SplitBehavior.MergedWithNext => match || !openMatch,
                    SplitBehavior.Contiguous => match != openMatch,
                    _ => true,
                };
                if (cutHere && open < from) Hand(piece, open, from, openMatch, offset, workspace, output);
                if (cutHere) open = from;
                openMatch = match;
                from = end;
            }
        }
        if (open < piece.Length) Hand(piece, open, piece.Length, openMatch, offset, workspace, output);
    }

    private void Hand(ReadOnlySpan<byte> piece, int start, int end, bool match, int offset, Workspace workspace, TokenBuffer output)
    {
        if (match && behavior == SplitBehavior.Removed) return;
        next.Run(piece[start..end], offset + start, workspace, output);
    }
}
