using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace ModelDsl.Compiler.Spec;

/// <summary>Prints the form that <see cref="SpecText"/> describes.</summary>
internal sealed class SpecPrinter
{
    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    public void Record(RecordSpec spec)
    {
        _text.Append($"(spec {SpecText.Version} {spec.Kind} {spec.FullName} {spec.Name} {OrUnderscore(spec.Namespace)} {Hyphenated(spec.Accessibility)}");
        foreach (var hyperparameter in spec.Hyperparameters)
        {
            _text.Append($"\n (hyperparameter {hyperparameter.Name} {hyperparameter.Kind} {hyperparameter.TypeName}");
            if (hyperparameter.Default is { } value) Spaced(value);
            _text.Append(')');
        }
        foreach (var weight in spec.Weights)
        {
            _text.Append($"\n (weight {weight.Name} {Hyphenated(weight.Accessibility)} ");
            List(weight.Shape);
            _text.Append($" {weight.Init} {Float(weight.Std)} {(weight.Decay is { } decay ? Bool(decay) : "auto")})");
        }
        foreach (var member in spec.Members)
        {
            _text.Append($"\n (member {member.Name}");
            Spaced(member.Value);
            _text.Append(')');
        }
        foreach (var method in spec.Methods) Method(method);
        foreach (var preset in spec.Presets)
        {
            _text.Append($"\n (preset {preset.Name}");
            Spaced(preset.Value);
            _text.Append(')');
        }
        _text.Append(')');
    }

    private void Method(MethodSpec method)
    {
        _text.Append($"\n (method {method.Name} (");
        for (int i = 0; i < method.Parameters.Count; i++)
        {
            var parameter = method.Parameters[i];
            if (i > 0) _text.Append(' ');
            _text.Append($"({parameter.Name} {parameter.Kind}");
            if (parameter.Shape.Count > 0) Labelled("shape", parameter.Shape);
            if (parameter.Limit is { } limit) Labelled("limit", [limit]);
            if (parameter.Default is { } value) Labelled("default", [value]);
            _text.Append(')');
        }
        _text.Append(')');
        Block(method.Body, "\n  ");
        _text.Append(')');
    }

    private void Block(IEnumerable<Statement> statements, string newLine)
    {
        foreach (var statement in statements)
        {
            _text.Append(newLine);
            Statement(statement, newLine);
        }
    }

    private void Statement(Statement statement, string newLine)
    {
        switch (statement)
        {
            case AssignStatement assign:
                _text.Append($"(let ({string.Join(" ", assign.Names)})");
                Spaced(assign.Value);
                break;
            case ReturnStatement result:
                _text.Append("(return");
                Spaced(result.Value);
                break;
            case IfStatement choice:
                _text.Append("(if");
                Spaced(choice.Condition);
                _text.Append($"{newLine} (then");
                Block(choice.Then, newLine + "  ");
                _text.Append($"){newLine} (else");
                Block(choice.Else, newLine + "  ");
                _text.Append(')');
                break;
            default: throw new ArgumentException($"no text form for {statement.GetType().Name}");
        }
        _text.Append(')');
    }

    private void Expression(Expression expression)
    {
        switch (expression)
        {
            case IntLiteral literal: _text.Append(literal.Value.ToString(CultureInfo.InvariantCulture)); break;
            case FloatLiteral literal: _text.Append(Float(literal.Value)); break;
            case BoolLiteral literal: _text.Append(Bool(literal.Value)); break;
            case EnumLiteral literal: _text.Append($"(enum {literal.Type} {literal.Member})"); break;
            case LocalReference local: _text.Append('$').Append(local.Name); break;
            case MemberReference { Target: null } member: _text.Append('.').Append(member.Name); break;
            case MemberReference member: Form($".{member.Name}", member.Target!); break;
            case BinaryExpression binary: Form(binary.Operator, binary.Left, binary.Right); break;
            case UnaryExpression unary: Form(unary.Operator, unary.Operand); break;
            case CastExpression cast: Form($"cast {cast.Type}", cast.Operand); break;
            case ConditionalExpression choice: Form("?", choice.Condition, choice.True, choice.False); break;
            case OperationExpression operation: Arguments($"op {operation.Operation}", operation.Arguments); break;
            case NewExpression creation: Arguments($"new {creation.Record}", creation.Arguments); break;
            case CallExpression { Target: null } call: Arguments($"call _ {call.Method}", call.Arguments); break;
            case CallExpression call:
                _text.Append("(call");
                Spaced(call.Target!);
                ArgumentList($" {call.Method}", call.Arguments);
                break;
            case RepeatExpression repeat:
                _text.Append("(repeat");
                Spaced(repeat.Count);
                _text.Append($" {repeat.Index}");
                Spaced(repeat.Layer);
                if (repeat.Shared is { } shared) Spaced(shared);
                _text.Append(')');
                break;
            case TupleExpression tuple: Form("tuple", [.. tuple.Items]); break;
            case ListExpression list: Form("list", [.. list.Items]); break;
            default: throw new ArgumentException($"no text form for {expression.GetType().Name}");
        }
    }

    private void Form(string head, params Expression[] items)
    {
        _text.Append('(').Append(head);
        foreach (var item in items) Spaced(item);
        _text.Append(')');
    }

    private void Arguments(string head, IEnumerable<Argument> arguments)
    {
        _text.Append('(');
        ArgumentList(head, arguments);
    }

    private void ArgumentList(string head, IEnumerable<Argument> arguments)
    {
        _text.Append(head);
        foreach (var argument in arguments)
        {
            _text.Append(' ');
            Form(argument.Name, argument.Value);
        }
        _text.Append(')');
    }

    private void Labelled(string label, IEnumerable<Expression> items)
    {
        _text.Append(' ');
        Form(label, [.. items]);
    }

    private void List(IEnumerable<Expression> items)
    {
        _text.Append('(');
        string separator = "";
        foreach (var item in items)
        {
            _text.Append(separator);
            Expression(item);
            separator = " ";
        }
        _text.Append(')');
    }

    private void Spaced(Expression expression)
    {
        _text.Append(' ');
        Expression(expression);
    }

    private static string OrUnderscore(string name) => name.Length == 0 ? "_" : name;

    /// <summary>"private protected" in one word; an underscore where nothing is written.</summary>
    private static string Hyphenated(string accessibility) => OrUnderscore(accessibility.Replace(' ', '-'));

    private static string Bool(bool value) => value ? "true" : "false";

    /// <summary>A text that reads back to the same bits, a short one where one does: 0.02f where a float holds it, else 0.1d.</summary>
    private static string Float(double value)
    {
        bool single = value == (float)value || double.IsNaN(value);
        string brief = value.ToString(single ? "G6" : "G15", CultureInfo.InvariantCulture);
        bool exact = double.TryParse(brief, NumberStyles.Float, CultureInfo.InvariantCulture, out double read) && (single ? (float)read : read) == value;
        return (exact ? brief : value.ToString(single ? "G9" : "G17", CultureInfo.InvariantCulture)) + (single ? "f" : "d");
    }
}
