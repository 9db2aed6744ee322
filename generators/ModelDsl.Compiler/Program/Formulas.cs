using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Program;

/// <summary>One line of what a kernel computes.</summary>
/// <param name="Shape">Null for a value of a row that is not stored.</param>
public sealed record Formula(string Name, Shape? Shape, string Text, bool Adds)
{
    public override string ToString() => $"{Name}{(Shape is null ? "" : $" {Shape}")} {(Adds ? "+=" : "=")} {Text}";
}

/// <summary>
/// What a kernel computes, as a person would write it: a line for each result, and for each value of a row that others read,
/// in the kernel's own names. Made from the kernel's statements, so it says what the code does.
/// </summary>
public static class Formulas
{
    private const int LongestInline = 32;

    /// <param name="operand">The name of an operand, by its place.</param>
    /// <param name="scalar">The name of a scalar, by its place.</param>
    public static IReadOnlyList<Formula> Of(Kernel kernel, Func<int, string> operand, Func<int, string> scalar) => new Writer(kernel, operand, scalar).Lines();

    /// <summary>How tightly an expression binds: a sum, a product, a sign, and what needs no parentheses.</summary>
    private enum Binding { Comparison, Sum, Product, Sign, Atom }

    private readonly struct Term(string text, Binding binding)
    {
        public string Text => text;

        /// <summary>As an operand of an operation that binds so tightly.</summary>
        public string In(Binding operation) => binding < operation ? $"({text})" : text;
    }

    private sealed class Writer(Kernel kernel, Func<int, string> operand, Func<int, string> scalar)
    {
        private readonly Dictionary<int, KernelStatement> _values = [];
        private readonly Dictionary<int, Term> _terms = [];
        private readonly Dictionary<int, HashSet<string>> _readers = [];
        private readonly Dictionary<int, Store> _stores = [];
        private readonly HashSet<int> _written = [];
        private readonly HashSet<string> _names = [];
        private readonly List<Formula> _lines = [];

        public IReadOnlyList<Formula> Lines()
        {
            for (int i = 0; i < kernel.Operands.Count; i++) _names.Add(operand(i));
            foreach (var statement in kernel.Statements) Note(statement);
            foreach (var statement in kernel.Statements)
                switch (statement)
                {
                    case Store store when !_written.Contains(store.Operand): Write(store); break;
                    case AddToPartial add:
                        string text = $"sum over the rows of each chunk of {Of(add.Value).In(Binding.Atom)}";
                        _lines.Add(new Formula(operand(add.Operand), kernel.Operands[add.Operand].Shape, text, false));
                        break;
                }
            return _lines;
        }

        private void Note(KernelStatement statement)
        {
            switch (statement)
            {
                case Let let:
                    _values[let.Id] = let;
                    if (let.Value is Apply apply) foreach (int argument in apply.Arguments) Read(argument, $"let {let.Id}");
                    break;
                case Reduce reduce:
                    _values[reduce.Id] = reduce;
                    Read(reduce.Value, $"reduce {reduce.Id}");
                    break;
                case Store store:
                    Read(store.Value, $"store {store.Operand}");
                    if (!store.Accumulate && !_stores.ContainsKey(store.Value)) _stores[store.Value] = store;
                    break;
            }
        }

        private void Read(int value, string reader)
        {
            if (!_readers.TryGetValue(value, out var readers)) _readers[value] = readers = [];
            readers.Add(reader);
        }

        /// <summary>The line of a result; later lines refer to it by its name.</summary>
        private void Write(Store store)
        {
            _written.Add(store.Operand);
            string name = operand(store.Operand), text = _terms.TryGetValue(store.Value, out var known) ? known.Text : Build(store.Value).Text;
            if (text != name) _lines.Add(new Formula(name, kernel.Operands[store.Operand].Shape, text, store.Accumulate));
            if (!store.Accumulate) _terms[store.Value] = new Term(name, Binding.Atom);
        }

        private Term Of(int id)
        {
            if (_terms.TryGetValue(id, out var known)) return known;
            var term = Build(id);
            bool shared = _readers.TryGetValue(id, out var readers) && readers.Count > 1;
            if (shared && _stores.TryGetValue(id, out var store) && _values[id] is not Let { Value: Load or ConstantValue or ScalarValue })
            {
                // A result that others read comes before them.
                _terms[id] = term;
                Write(store);
                return _terms[id];
            }
            // A value that several read and that is long has a line of its own.
            if (shared && term.Text.Length > LongestInline && NameOf(_values[id]) is { Length: > 0 } name)
            {
                string unique = name;
                for (int i = 2; !_names.Add(unique); i++) unique = name + i;
                _lines.Add(new Formula(unique, null, term.Text, false));
                term = new Term(unique, Binding.Atom);
            }
            return _terms[id] = term;
        }

        private Term Build(int id) => _values[id] switch
        {
            Reduce reduce => new Term($"{(reduce.Maximum ? "max" : "sum")}({Of(reduce.Value).Text})", Binding.Atom),
            Let { Value: ConstantValue constant } => new Term(constant.Value.ToString("G6", CultureInfo.InvariantCulture), constant.Value < 0 ? Binding.Sign : Binding.Atom),
            Let { Value: ScalarValue value } => new Term(scalar(value.Scalar), Binding.Atom),
            Let { Value: IndexValue index } => new Term(index.Column ? "column" : "row", Binding.Atom),
            Let { Value: Load load } => new Term(operand(load.Operand), Binding.Atom),
            Let { Value: Apply apply } => Build(apply),
            var other => throw new InvalidOperationException(other.ToString()),
        };

        private static string NameOf(KernelStatement value) => value switch { Let let => let.Name, Reduce reduce => reduce.Name, _ => "" };

        private Term Build(Apply apply)
        {
            var arguments = apply.Arguments.Select(Of).ToArray();
            Term Infix(string symbol, Binding binding, bool associative = false) =>
                new($"{arguments[0].In(binding)} {symbol} {arguments[1].In(associative ? binding : binding + 1)}", binding);
            return apply.Operation switch
            {
                Ops.Add => Infix("+", Binding.Sum, associative: true),
                Sub => Infix("-", Binding.Sum),
                Mul when apply.Arguments[0] == apply.Arguments[1] => new Term($"{arguments[0].In(Binding.Atom)}^2", Binding.Atom),
                Mul => Infix("*", Binding.Product, associative: true),
                Div => Infix("/", Binding.Product),
                Less => Infix("<", Binding.Comparison),
                LessEqual => Infix("<=", Binding.Comparison),
                Equal => Infix("==", Binding.Comparison),
                Neg => new Term("-" + arguments[0].In(Binding.Sign), Binding.Sign),
                Cast or StopGradient => arguments[0],
                _ => new Term($"{apply.Operation.Name}({string.Join(", ", arguments.Select(a => a.Text))})", Binding.Atom),
            };
        }
    }
}
