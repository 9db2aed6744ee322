using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>
/// The values of a kernel as C# expressions. One that is used once and is short is written in its place; the others get a
/// local, named after what the value is.
/// </summary>
internal sealed class KernelValues
{
    private const int LongestInline = 48;
    private readonly Kernel _kernel;
    private readonly Locals _locals;
    private readonly IReadOnlyList<string> _pointers;
    private readonly Dictionary<int, Let> _lets = [];
    private readonly Dictionary<int, Reduce> _reductions = [];
    private readonly Dictionary<int, int> _uses = [];
    private readonly Dictionary<int, string> _names = [];
    private readonly Dictionary<int, bool> _declared = [];

    /// <param name="pointers">The local of each operand's row.</param>
    public KernelValues(Kernel kernel, Locals locals, IReadOnlyList<string> pointers)
    {
        (_kernel, _locals, _pointers) = (kernel, locals, pointers);
        foreach (var statement in kernel.Statements)
            switch (statement)
            {
                case Let let:
                    _lets[let.Id] = let;
                    if (let.Value is Apply apply) foreach (int argument in apply.Arguments) Use(argument);
                    break;
                case Reduce reduce:
                    _reductions[reduce.Id] = reduce;
                    Use(reduce.Value);
                    break;
                case Store store: Use(store.Value); break;
                case AddToPartial add: Use(add.Value); break;
            }
    }

    private void Use(int id) => _uses[id] = _uses.TryGetValue(id, out int count) ? count + 1 : 1;

    /// <summary>Whether a value gets a local. Row values do unless they are constants: loops must not compute them again.</summary>
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
        string wanted = _reductions.TryGetValue(id, out var reduce) ? (reduce.Name.Length > 0 ? reduce.Name : reduce.Maximum ? "largest" : "sum")
            : _lets[id].Value is Load load ? _pointers[load.Operand].Trim('@') + "Value"
            : _lets[id].Name.Length > 0 ? _lets[id].Name : "value";
        return _names[id] = _locals.Take(wanted);
    }

    /// <summary>As a vector of the current columns.</summary>
    public string Vector(int id)
    {
        if (_reductions.ContainsKey(id)) return $"Simd.Splat({Name(id)})";
        var let = _lets[id];
        if (!let.PerRow) return Declares(let) ? Name(id) : Text(let);
        string scalar = Scalar(id);
        return let.Type == DType.Bool ? $"Simd.Equal(Simd.Splat({Expressions.Nested(scalar)} ? 1f : 0f), Simd.Splat(1f))" : $"Simd.Splat({scalar})";
    }

    /// <summary>As one float (or bool) of the current row.</summary>
    public string Scalar(int id) => _reductions.ContainsKey(id) ? Name(id) : _lets[id] is var let && Declares(let) ? Name(id) : Text(let);

    /// <summary>The expression of a value.</summary>
    public string Text(Let let) => let.Value switch
    {
        ConstantValue constant when let.Type == DType.Bool => constant.Value != 0 ? "true" : "false",
        ConstantValue constant => Expressions.Literal((float)constant.Value),
        ScalarValue scalar => _kernel.Scalars[scalar.Scalar].Name,
        IndexValue { Column: true } => "Simd.Iota(column)",
        IndexValue index => Row(index),
        Load load => LoadText(load),
        Apply apply => ApplyText(apply, let),
        _ => throw new System.InvalidOperationException(let.ToString()),
    };

    private static string Row(IndexValue index)
    {
        string row = index.Divisor.Length > 0 ? $"row / {index.Divisor}" : "row";
        return index.Modulus.Length > 0 ? $"{Expressions.Nested(row)} % {index.Modulus}" : row;
    }

    private string LoadText(Load load)
    {
        var operand = _kernel.Operands[load.Operand];
        string pointer = _pointers[load.Operand];
        if (load.PerRow) return operand.Type == DType.Bool ? $"{pointer}[0] != 0" : $"{pointer}[0]";
        string vector = operand.Columns == ColumnKind.Strided
            ? $"Simd.Gather({pointer} + (long)column * {operand.ColumnStride}, {operand.ColumnStride}, left)"
            : $"Simd.Load({pointer} + column, left)";
        return operand.Type == DType.Bool ? $"Simd.NotEqual({vector}, Simd.Splat(0f))" : vector;
    }

    private string ApplyText(Apply apply, Let let)
    {
        string[] arguments = apply.Arguments.Select(a => Expressions.Nested(let.PerRow ? Scalar(a) : Vector(a))).ToArray();
        if (apply.Operation is Cast)
        {
            var from = TypeOf(apply.Arguments[0]);
            if (from == let.Type || from == DType.I32 && let.Type == DType.F32) return arguments[0];
            if (from == DType.Bool) return let.PerRow ? $"{arguments[0]} ? 1f : 0f" : $"Simd.Select({arguments[0]}, Simd.Splat(1f), Simd.Splat(0f))";
            if (let.Type == DType.Bool) return let.PerRow ? $"{arguments[0]} != 0" : $"Simd.NotEqual({arguments[0]}, Simd.Splat(0f))";
            return $"Simd.Truncate({arguments[0]})";
        }
        var text = ScalarOperations.Of(apply.Operation);
        return string.Format(CultureInfo.InvariantCulture, let.PerRow ? text.Scalar : text.Vector, arguments);
    }

    private DType TypeOf(int id) => _lets.TryGetValue(id, out var let) ? let.Type : DType.F32;
}
