using System.Globalization;

namespace ModelDsl.Compiler.Ir;

/// <summary>Reads what <see cref="Polynomial.ToString"/> writes: sums, products, quotients, names and whole numbers.</summary>
public sealed class PolynomialParser
{
    private readonly string _text;
    private int _position;

    private PolynomialParser(string text) => _text = text;

    /// <exception cref="FormatException">The text is no polynomial.</exception>
    public static Polynomial Parse(string text)
    {
        var parser = new PolynomialParser(text);
        var value = parser.Sum();
        parser.Skip();
        return parser._position == text.Length ? value : throw parser.Wrong();
    }

    private Polynomial Sum()
    {
        var sum = Product();
        while (true)
        {
            if (Take('+')) sum += Product();
            else if (Take('-')) sum -= Product();
            else return sum;
        }
    }

    private Polynomial Product()
    {
        var product = Factor();
        while (true)
        {
            if (Take('*')) product *= Factor();
            else if (Take('/')) product /= Factor();
            else return product;
        }
    }

    private Polynomial Factor()
    {
        if (Take('-')) return -Factor();
        if (Take('('))
        {
            var inner = Sum();
            return Take(')') ? inner : throw Wrong();
        }
        Skip();
        int start = _position;
        while (_position < _text.Length && (char.IsLetterOrDigit(_text[_position]) || _text[_position] is '_' or '.')) _position++;
        string word = _text.Substring(start, _position - start);
        if (word.Length == 0) throw Wrong();
        return char.IsDigit(word[0]) ? long.Parse(word, CultureInfo.InvariantCulture) : Polynomial.Symbol(word);
    }

    private bool Take(char c)
    {
        Skip();
        if (_position >= _text.Length || _text[_position] != c) return false;
        _position++;
        return true;
    }

    private void Skip()
    {
        while (_position < _text.Length && _text[_position] == ' ') _position++;
    }

    private FormatException Wrong() => new($"'{_text}' is no size: unexpected at {_position}");
}
