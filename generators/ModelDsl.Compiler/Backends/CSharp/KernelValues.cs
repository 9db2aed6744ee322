using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;
using ModelDsl.Compiler.Passes.Lowering;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>
/// The values of a kernel as C# expressions. One that is used once and short stands where it is used; the others get a
/// local: loads the name of their operand, the rest v and a number.
/// </summary>
internal sealed class KernelValues
{
    private const int LongestInline = 48;
    private readonly Kernel _kernel;
    private readonly Dictionary<int, Let> _lets = [];
    private readonly Dictionary<int, int> _uses = [];
    private readonly Dictionary<int, string> _names = [];
    private readonly Dictionary<int, bool> _declared = [];
    private readonly HashSet<int> _reductions = [];

    public KernelValues(Kernel kernel)
    {
        _kernel = kernel;
        foreach (var statement in kernel.Body.SelectMany(s => s is ColumnLoop loop ? loop.Body.AsEnumerable() : [s]))
            switch (statement)
            {
                case Let let:
                    _lets[let.Id] = let;
                    if (let.Value is Apply apply) foreach (int argument in apply.Arguments) Use(argument);
                    break;
                case Reduce reduce: _reductions.Add(reduce.Id); Use(reduce.Value); break;
                case Store store: Use(store.Value); break;
                case AddToPartial add: Use(add.Value); break;
            }
    }

    private void Use(int id) => _uses[id] = _uses.TryGetValue(id, out int count) ? count + 1 : 1;

    /// <summary>Whether a value gets a local. Row values do wherever they are no mere constant: loops must not compute them again.</summary>
    public bool Declares(Let let)
    {
        // Remembered: the text of a value asks it of every operand, so a chain would be asked twice as often at each step.
        if (!_declared.TryGetValue(let.Id, out bool declared)) _declared[let.Id] = declared = IsDeclared(let);
        return declared;
    }

    private bool IsDeclared(Let let)
    {
        if (let.Value is ConstantValue or ScalarValue) return false;
        if (let.PerRow) return true;
        return _uses.TryGetValue(let.Id, out int uses) && (uses > 1 || let.Value is Load || Text(let).Length > LongestInline);
    }

    public string Name(int id)
    {
        if (_names.TryGetValue(id, out var name)) return name;
        name = _lets.TryGetValue(id, out var let) && let.Value is Load load ? KernelPrinter.Local(load.Operand).Trim('@') + "V" : (_reductions.Contains(id) ? "r" : "v") + id;
        if (_names.ContainsValue(name) || _kernel.Operands.Any(o => KernelPrinter.Local(o.Name) == name)) name += id;
        return _names[id] = name;
    }

    /// <summary>As a vector of the current columns.</summary>
    public string Vector(int id)
    {
        if (_reductions.Contains(id)) return $"Simd.Splat({Name(id)})";
        var let = _lets[id];
        if (!let.PerRow) return Declares(let) ? Name(id) : Text(let);
        string scalar = Scalar(id);
        return let.Type == DType.Bool ? $"Simd.Equal(Simd.Splat({Nested(scalar)} ? 1f : 0f), Simd.Splat(1f))" : $"Simd.Splat({scalar})";
    }

    /// <summary>As one float (or bool) of the current row.</summary>
    public string Scalar(int id) => _reductions.Contains(id) ? Name(id) : _lets[id] is var let && Declares(let) ? Name(id) : Text(let);

    /// <summary>The expression of a value.</summary>
    public string Text(Let let) => let.Value switch
    {
        ConstantValue constant when let.Type == DType.Bool => constant.Value != 0 ? "true" : "false",
        ConstantValue constant => HostScalar.Literal((float)constant.Value),
        ScalarValue scalar => scalar.Name,
        IndexValue { Column: true } => "Simd.Iota(column)",
        IndexValue index => Row(index),
        Load load => LoadText(load, let),
        Apply apply => ApplyText(apply, let),
        _ => throw new System.InvalidOperationException(let.ToString()),
    };

    private static string Row(IndexValue index)
    {
        string row = index.Divisor.Length > 0 ? $"row / {index.Divisor}" : "row";
        return index.Modulus.Length > 0 ? $"{Nested(row)} % {index.Modulus}" : row;
    }

    private string LoadText(Load load, Let let)
    {
        var operand = _kernel.Operands.First(o => o.Name == load.Operand);
        string local = KernelPrinter.Local(operand.Name);
        if (load.PerRow) return operand.Type == DType.Bool ? $"{local}[0] != 0" : $"{local}[0]";
        string vector = operand.Columns == ColumnKind.Strided
            ? $"Simd.Gather({local} + (long)column * {operand.ColumnStride}, {operand.ColumnStride}, left)"
            : $"Simd.Load({local} + column, left)";
        return operand.Type == DType.Bool ? $"Simd.NotEqual({vector}, Simd.Splat(0f))" : vector;
    }

    private string ApplyText(Apply apply, Let let)
    {
        string[] arguments = apply.Arguments.Select(a => Nested(let.PerRow ? Scalar(a) : Vector(a))).ToArray();
        if (apply.Operation.Name == "cast")
        {
            var from = TypeOf(apply.Arguments[0]);
            if (from == let.Type || from == DType.I32 && let.Type == DType.F32) return arguments[0];
            if (from == DType.Bool) return let.PerRow ? $"{arguments[0]} ? 1f : 0f" : $"Simd.Select({arguments[0]}, Simd.Splat(1f), Simd.Splat(0f))";
            if (let.Type == DType.Bool) return let.PerRow ? $"{arguments[0]} != 0" : $"Simd.NotEqual({arguments[0]}, Simd.Splat(0f))";
            return $"Simd.Truncate({arguments[0]})";
        }
        var text = apply.Operation.CSharp ?? throw new System.NotSupportedException($"{apply.Operation.Name} has no C#");
        return string.Format(CultureInfo.InvariantCulture, let.PerRow ? text.Scalar : text.Vector, arguments);
    }

    private DType TypeOf(int id) => _lets.TryGetValue(id, out var let) ? let.Type : DType.F32;

    /// <summary>An expression as an operand of another.</summary>
    public static string Nested(string text) => text.Contains(' ') && !IsCall(text) || text[0] == '-' ? $"({text})" : text;

    /// <summary>Whether the text is a single call or a text in parentheses.</summary>
    private static bool IsCall(string text)
    {
        int open = text.IndexOf('(');
        if (open < 0 || text.Substring(0, open).Contains(' ')) return false;
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            if (text[i] == '(') depth++;
            else if (text[i] == ')' && --depth == 0) return i == text.Length - 1;
        }
        return false;
    }
}
