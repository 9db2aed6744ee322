using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Pipeline;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.WordPiece;

/// <summary>A piece is a token, or unknown.</summary>
internal sealed class WordLevelModel(WordLevelDefinition definition, TokenTable tokens) : Model
{
    internal override TokenTable Tokens => tokens;

    internal override void Encode(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> cuts, int offset, Workspace workspace, TokenBuffer output)
    {
        foreach (int cut in cuts)
        {
            int end = cut < 0 ? ~cut : cut;
            if (cut >= 0 && end > start)
            {
                int id = tokens.Find(text, start, end);
                if (id < 0) id = definition.Unknown ?? TokenTable.None;
                if (id >= 0) output.Add(id, offset + start, offset + end);
            }
            start = end;
        }
    }
}
