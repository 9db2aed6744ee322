using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ModelDsl.Generator.Tokenizers;

/// <summary>From a place in the value of a string to the place in the source where it is written.</summary>
internal static class LiteralColumns
{
    /// <summary>The location of one character of the value; of the whole expression where that is no plain literal on one line.</summary>
    internal static Location Find(ExpressionSyntax expression, int index)
    {
        if (expression is not LiteralExpressionSyntax literal || !literal.IsKind(SyntaxKind.StringLiteralExpression)) return expression.GetLocation();
        var token = literal.Token;
        int at = Offset(token, index);
        return at < 0 ? expression.GetLocation() : Location.Create(expression.SyntaxTree, new TextSpan(token.SpanStart + at, 1));
    }

    // Where in the token's text the character of the value stands; -1 where it cannot be told.
    private static int Offset(SyntaxToken token, int index)
    {
        string text = token.Text;
        if (token.IsKind(SyntaxKind.SingleLineRawStringLiteralToken))
        {
            int quotes = 0;
            while (quotes < text.Length && text[quotes] == '"') quotes++;
            return quotes + index;
        }
        if (!token.IsKind(SyntaxKind.StringLiteralToken)) return -1;
        bool verbatim = text[0] == '@';
        int at = verbatim ? 2 : 1;
        for (int i = 0; i < index && at < text.Length - 1; i++) at += verbatim ? text[at] == '"' ? 2 : 1 : EscapeLength(text, at);
        return at < text.Length ? at : text.Length - 1;
    }

    // \U stands for one or two characters of the value; what follows it is then one place too far left.
    private static int EscapeLength(string text, int at)
    {
        if (text[at] != '\\') return 1;
        switch (text[at + 1])
        {
            case 'u': return 6;
            case 'U': return 10;
            case 'x':
                int length = 2;
                while (length < 6 && at + length < text.Length && int.TryParse(text[at + length].ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _)) length++;
                return length;
            default: return 2;
        }
    }
}
