using System.Globalization;

namespace ModelDsl.Compiler.Ir;

/// <summary>The tokens of one line of a graph's text.</summary>
internal sealed class LineReader(string line)
{
    private int _position;

    public char Peek
    {
        get
        {
            while (_position < line.Length && char.IsWhiteSpace(line[_position])) _position++;
            return _position < line.Length ? line[_position] : '\0';
        }
    }

    public bool AtEnd => Peek is '\0' or ';';

    public bool Take(char c)
    {
        if (Peek != c) return false;
        _position++;
        return true;
    }

    public void Expect(char c)
    {
        if (!Take(c)) throw Wrong($"expected '{c}'");
    }

    public bool TakeWord(string word)
    {
        if (Peek == '\0' || string.CompareOrdinal(line, _position, word + " ", 0, word.Length + 1) != 0) return false;
        _position += word.Length;
        return true;
    }

    public string Word() => While(c => char.IsLetterOrDigit(c) || c == '_', "a name");
    public long Integer() => long.Parse(While(c => char.IsDigit(c) || c == '-', "a whole number"), CultureInfo.InvariantCulture);

    public string Text()
    {
        Expect('"');
        var text = new System.Text.StringBuilder();
        while (_position < line.Length && line[_position] != '"')
        {
            if (line[_position] == '\\') _position++;
            text.Append(line[_position++]);
        }
        _position++;
        return text.ToString();
    }

    public Shape Shape()
    {
        string inside = Between('[', ']');
        return inside.Length == 0 ? Ir.Shape.Scalar : new Shape(inside.Split(',').Select(PolynomialParser.Parse));
    }

    /// <summary>The value of an attribute.</summary>
    public object Value() => Peek switch
    {
        '"' => Text(),
        '[' => Shape(),
        '{' => PolynomialParser.Parse(Between('{', '}')),
        '(' => Between('(', ')').Split([','], StringSplitOptions.RemoveEmptyEntries).Select(v => long.Parse(v, CultureInfo.InvariantCulture)).ToEquatableArray(),
        _ => While(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '+', "a value") switch
        {
            "true" => true,
            "false" => false,
            var number when long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
            var number => double.Parse(number, CultureInfo.InvariantCulture),
        },
    };

    public FormatException Wrong(string message) => new($"{message}, at column {_position + 1} of '{line.Trim()}'");

    private string Between(char open, char close)
    {
        Expect(open);
        int end = line.IndexOf(close, _position);
        if (end < 0) throw Wrong($"expected '{close}'");
        string inside = line.Substring(_position, end - _position);
        _position = end + 1;
        return inside.Trim();
    }

    private string While(Func<char, bool> belongs, string wanted)
    {
        if (!belongs(Peek)) throw Wrong($"expected {wanted}");
        int start = _position;
        while (_position < line.Length && belongs(line[_position])) _position++;
        return line.Substring(start, _position - start);
    }
}
