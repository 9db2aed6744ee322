using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>The operands of a kernel under construction, and the int fields that their addresses are made of.</summary>
internal sealed class OperandTable(Shape domain)
{
    private readonly List<Operand> _operands = [];
    private readonly Dictionary<View, string> _known = [];
    private readonly List<Field> _pointers = [];
    private readonly Dictionary<Polynomial, string> _sizes = [];
    private readonly List<Field> _sizeFields = [];
    private readonly HashSet<string> _names = [];
    private readonly int _rowAxes = domain.Rank - 1;

    public IReadOnlyList<Operand> Operands => _operands;

    /// <summary>Pointers, then sizes; the number of columns is "Columns", of rows "Rows".</summary>
    public IEnumerable<Field> Fields => _pointers
        .Append(new Field("Rows", new SizeField(new Shape(domain.Sizes.Take(_rowAxes)).Count)))
        .Append(new Field("Columns", new SizeField(domain[-1]))).Concat(_sizeFields);

    /// <summary>An input, and whether it has one element a row.</summary>
    public (string Operand, bool PerRow) Read(DType type, View view, string name)
    {
        string shape = view.Shape.ToString();
        view = view.Broadcast(domain);
        bool perRow = view.Strides[domain.Rank - 1].IsZero;
        if (!_known.TryGetValue(view, out var operand)) _known[view] = operand = Add(view, shape, name, type, written: false);
        return (operand, perRow);
    }

    /// <summary>A result; one that is also an input, in place, is one operand.</summary>
    public string Write(DType type, View view, bool perRow, string name)
    {
        if (perRow && view.Shape.Rank == _rowAxes) view = view.Reshape(new Shape(view.Shape.Sizes.Append(Polynomial.One)))!;
        if (view.Shape.Rank == 0) view = view.Reshape(new Shape(Polynomial.One))!;
        string shape = view.Shape.ToString();
        if (perRow) view = view.Broadcast(domain);
        if (!_known.TryGetValue(view, out var operand)) return _known[view] = Add(view, shape, name, type, written: true);
        int index = _operands.FindIndex(o => o.Name == operand);
        _operands[index] = _operands[index] with { Written = true };
        return operand;
    }

    /// <summary>Partial sums, a row of columns for each chunk.</summary>
    public string Partial(View view, string name)
    {
        string operand = Unique(Naming.Pascal(name) + "Partial");
        _operands.Add(new Operand(operand, DType.F32, EquatableArray<RowStep>.Empty, ColumnKind.Contiguous, "", view.Shape.ToString(), Written: true));
        _pointers.Add(new Field(operand, new PointerField(view)));
        return operand;
    }

    /// <summary>How the row's number gives the index along one of its axes.</summary>
    public (string Divisor, string Modulus) RowAxis(int axis)
    {
        var inner = new Shape(domain.Sizes.Skip(axis + 1).Take(_rowAxes - axis - 1)).Count;
        return (inner.IsOne ? "" : Size(inner), axis == 0 ? "" : Size(domain[axis]));
    }

    /// <param name="shape">Before the view was broadcast.</param>
    private string Add(View view, string shape, string name, DType type, bool written)
    {
        string operand = Unique(Naming.Pascal(name));
        var column = view.Strides[domain.Rank - 1];
        var kind = column.IsZero ? ColumnKind.Fixed : column.IsOne ? ColumnKind.Contiguous : ColumnKind.Strided;
        _operands.Add(new Operand(operand, type, RowSteps(view).ToEquatableArray(), kind, kind == ColumnKind.Strided ? Size(column) : "", shape, written));
        _pointers.Add(new Field(operand, new PointerField(view)));
        return operand;
    }

    /// <summary>Runs of row axes that one stride covers, outermost first.</summary>
    private IEnumerable<RowStep> RowSteps(View view)
    {
        int end = _rowAxes;
        var inner = Polynomial.One;
        var steps = new List<RowStep>();
        while (end > 0)
        {
            int start = end - 1;
            while (start > 0 && Mergeable(view, start - 1, end)) start--;
            var count = new Shape(domain.Sizes.Skip(start).Take(end - start)).Count;
            var stride = RunStride(view, start, end);
            if (!stride.IsZero && !count.IsOne)
                steps.Add(new RowStep(inner.IsOne ? "" : Size(inner), start == 0 ? "" : Size(count), Size(stride)));
            inner *= count;
            end = start;
        }
        steps.Reverse();
        return steps;
    }

    private bool Mergeable(View view, int start, int end)
    {
        bool zero = Enumerable.Range(start, end - start).All(a => view.Strides[a].IsZero || domain[a].IsOne);
        bool any = Enumerable.Range(start, end - start).Any(a => view.Strides[a].IsZero && !domain[a].IsOne);
        return zero || !any && view.Collapse(start, end) is not null;
    }

    private Polynomial RunStride(View view, int start, int end) =>
        Enumerable.Range(start, end - start).All(a => view.Strides[a].IsZero || domain[a].IsOne) ? Polynomial.Zero : view.Collapse(start, end)!;

    private string Size(Polynomial size)
    {
        if (size.Equals(domain[-1])) return "Columns";
        if (_sizes.TryGetValue(size, out var name)) return name;
        string text = size.ToString();
        name = text.All(char.IsLetterOrDigit) ? (char.IsDigit(text[0]) ? "Size" + text : text) : "Size" + (_sizes.Count + 1);
        name = Unique(name);
        _sizes.Add(size, name);
        _sizeFields.Add(new Field(name, new SizeField(size)));
        return name;
    }

    private string Unique(string name)
    {
        string candidate = name;
        for (int i = 2; candidate is "Rows" or "Columns" or "Accumulate" or "Run" or "Apply" || !_names.Add(candidate); i++) candidate = name + i;
        return candidate;
    }
}
