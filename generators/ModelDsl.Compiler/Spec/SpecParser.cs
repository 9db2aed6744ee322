using ModelDsl.Compiler.Ir;
using System;
using System.Collections.Generic;
using System.Globalization;

namespace ModelDsl.Compiler.Spec;

/// <summary>Reads the form that <see cref="SpecText"/> describes.</summary>
internal sealed class SpecParser(string text)
{
    private const int NoAnchor = -1;
    private int _position;

    public RecordSpec Record()
    {
        Open("spec");
        string version = Word();
        if (version != SpecText.Version.ToString(CultureInfo.InvariantCulture))
            throw new FormatException($"it is of version {version}, and this ModelDsl reads version {SpecText.Version}");
        var kind = Enum<RecordKind>();
        string fullName = Word(), name = Word(), space = Word(), accessibility = Accessibility();
        List<HyperparameterSpec> hyperparameters = [];
        List<WeightSpec> weights = [];
        List<MemberSpec> members = [];
        List<MethodSpec> methods = [];
        List<PresetSpec> presets = [];
        while (!Closes())
        {
            Expect('(');
            switch (Word())
            {
                case "hyperparameter":
                    hyperparameters.Add(new(Word(), Enum<HyperparameterKind>(), Word(), Ends() ? null : Expression(), NoAnchor));
                    break;
                case "weight":
                    weights.Add(new(Word(), Accessibility(), Group(), Word(), (float)Float(Word()), Decay(Word()), NoAnchor));
                    break;
                case "member": members.Add(new(Word(), Expression(), NoAnchor)); break;
                case "method": methods.Add(new(Word(), Parameters(), Block(), NoAnchor)); break;
                case "preset": presets.Add(new(Word(), (NewExpression)Expression(), NoAnchor)); break;
                case var other: throw Error($"'{other}' is not a member");
            }
            Expect(')');
        }
        return new(kind, fullName, name, space == "_" ? "" : space, accessibility, hyperparameters.ToEquatableArray(),
            weights.ToEquatableArray(), members.ToEquatableArray(), methods.ToEquatableArray(), presets.ToEquatableArray(), default);
    }

    private EquatableArray<MethodParameterSpec> Parameters()
    {
        List<MethodParameterSpec> parameters = [];
        Expect('(');
        while (!Closes())
        {
            Expect('(');
            string name = Word();
            var kind = Enum<MethodParameterKind>();
            EquatableArray<Expression> shape = default;
            Expression? limit = null, value = null;
            while (!Ends())
            {
                Expect('(');
                switch (Word())
                {
                    case "shape": shape = Items(); break;
                    case "limit": limit = Expression(); break;
                    case "default": value = Expression(); break;
                    case var other: throw Error($"'{other}' is not part of a parameter");
                }
                Expect(')');
            }
            Expect(')');
            parameters.Add(new(name, kind, shape, limit, value, NoAnchor));
        }
        return parameters.ToEquatableArray();
    }

    /// <summary>Statements up to the parenthesis that closes what surrounds them.</summary>
    private EquatableArray<Statement> Block()
    {
        List<Statement> statements = [];
        while (!Ends()) statements.Add(Statement());
        return statements.ToEquatableArray();
    }

    private Statement Statement()
    {
        Expect('(');
        Statement statement;
        switch (Word())
        {
            case "let":
                List<string> names = [];
                Expect('(');
                while (!Closes()) names.Add(Word());
                statement = new AssignStatement(names.ToEquatableArray(), Expression(), NoAnchor);
                break;
            case "return":
                statement = new ReturnStatement(Expression(), NoAnchor);
                break;
            case "if":
                statement = new IfStatement(Expression(), Branch("then"), Branch("else"), NoAnchor);
                break;
            case var other: throw Error($"'{other}' is not a statement");
        }
        Expect(')');
        return statement;
    }

    private EquatableArray<Statement> Branch(string name)
    {
        Open(name);
        var statements = Block();
        Expect(')');
        return statements;
    }

    private Expression Expression()
    {
        SkipSpace();
        if (Peek() != '(') return Atom(Word());
        Expect('(');
        var expression = Form(Word());
        Expect(')');
        return expression;
    }

    private Expression Atom(string word)
    {
        if (word[0] == '$') return new LocalReference(word.Substring(1), NoAnchor);
        if (word[0] == '.') return new MemberReference(null, word.Substring(1), NoAnchor);
        if (word is "true" or "false") return new BoolLiteral(word == "true", NoAnchor);
        if (word[word.Length - 1] is 'f' or 'd') return new FloatLiteral(Float(word), NoAnchor);
        if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)) return new IntLiteral(value, NoAnchor);
        throw Error($"'{word}' is not a value");
    }

    private Expression Form(string head)
    {
        switch (head)
        {
            case "enum": return new EnumLiteral(Word(), Word(), NoAnchor);
            case "cast": return new CastExpression(Word(), Expression(), NoAnchor);
            case "?": return new ConditionalExpression(Expression(), Expression(), Expression(), NoAnchor);
            case "op": return new OperationExpression(Word(), Arguments(), NoAnchor);
            case "new": return new NewExpression(Word(), Arguments(), NoAnchor);
            case "repeat": return new RepeatExpression(Expression(), Word(), Expression(), Ends() ? null : Expression(), NoAnchor);
            case "tuple": return new TupleExpression(Items(), NoAnchor);
            case "list": return new ListExpression(Items(), NoAnchor);
            case "call":
                SkipSpace();
                Expression? target = Peek() == '_' && Word() == "_" ? null : Expression();
                return new CallExpression(target, Word(), Arguments(), NoAnchor);
        }
        if (head.Length > 1 && head[0] == '.') return new MemberReference(Expression(), head.Substring(1), NoAnchor);
        var first = Expression();
        return Ends() ? new UnaryExpression(head, first, NoAnchor) : new BinaryExpression(head, first, Expression(), NoAnchor);
    }

    private EquatableArray<Argument> Arguments()
    {
        List<Argument> arguments = [];
        while (!Ends())
        {
            Expect('(');
            arguments.Add(new(Word(), Expression()));
            Expect(')');
        }
        return arguments.ToEquatableArray();
    }

    private EquatableArray<Expression> Group()
    {
        Expect('(');
        var items = Items();
        Expect(')');
        return items;
    }

    private EquatableArray<Expression> Items()
    {
        List<Expression> items = [];
        while (!Ends()) items.Add(Expression());
        return items.ToEquatableArray();
    }

    private string Accessibility() => Word() is var word && word == "_" ? "" : word.Replace('-', ' ');

    private bool? Decay(string word) => word switch { "auto" => null, "true" => true, "false" => false, _ => throw Error($"'{word}' is not a decay") };

    private double Float(string word)
    {
        string digits = word.Substring(0, word.Length - 1);
        if (word[word.Length - 1] == 'f')
        {
            if (float.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out float single)) return single;
        }
        else if (double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) return value;
        throw Error($"'{word}' is not a number");
    }

    private T Enum<T>() where T : struct
    {
        string word = Word();
        return System.Enum.TryParse(word, out T value) ? value : throw Error($"'{word}' is not a {typeof(T).Name}");
    }

    private void Open(string head)
    {
        Expect('(');
        if (Word() is var word && word != head) throw Error($"'{head}' was expected, not '{word}'");
    }

    private string Word()
    {
        SkipSpace();
        int start = _position;
        while (_position < text.Length && text[_position] is not ('(' or ')' or ' ' or '\n')) _position++;
        return _position > start ? text.Substring(start, _position - start) : throw Error("a word was expected");
    }

    /// <summary>Whether a closing parenthesis is next; it stays.</summary>
    private bool Ends()
    {
        SkipSpace();
        return Peek() == ')';
    }

    /// <summary>Whether a closing parenthesis is next; it is read.</summary>
    private bool Closes()
    {
        if (!Ends()) return false;
        _position++;
        return true;
    }

    private void Expect(char character)
    {
        SkipSpace();
        if (Peek() != character) throw Error($"'{character}' was expected");
        _position++;
    }

    private void SkipSpace()
    {
        while (_position < text.Length && text[_position] is (' ' or '\n')) _position++;
    }

    private char Peek() => _position < text.Length ? text[_position] : '\0';

    private FormatException Error(string what) => new($"{what} at offset {_position} of its spec");
}
