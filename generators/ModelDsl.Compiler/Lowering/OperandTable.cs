using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>The operands of a kernel under construction, and the size parameters that their addresses are made of.</summary>
internal sealed class OperandTable(Shape domain)
{
    private readonly List<Operand> _operands = [];
    private readonly List<View> _views = [];
    private readonly Dictionary<View, int> _known = [];
    private readonly Dictionary<Polynomial, string> _sizes = [];
    private readonly List<(string Name, Polynomial Value)> _sizeParameters = [];
    private readonly int _rowAxes = domain.Rank - 1;

    /// <summary>An input, and whether it has one element a row.</summary>
    public (int Operand, bool PerRow) Read(DType type, View view, string name)
    {
        var shape = view.Shape;
        view = view.Broadcast(domain);
        bool perRow = view.Strides[domain.Rank - 1].IsZero;
        if (!_known.TryGetValue(view, out int operand)) _known[view] = operand = Add(view, shape, name, type, written: false);
        return (operand, perRow);
    }

    /// <summary>A result; one that is also an input, in place, is one operand.</summary>
    public int Write(DType type, View view, bool perRow, string name)
    {
        if (perRow && view.Shape.Rank == _rowAxes) view = view.Reshape(new Shape(view.Shape.Sizes.Append(Polynomial.One)))!;
        if (view.Shape.Rank == 0) view = view.Reshape(new Shape(Polynomial.One))!;
        var shape = view.Shape;
        if (perRow) view = view.Broadcast(domain);
        if (!_known.TryGetValue(view, out int operand)) return _known[view] = Add(view, shape, name, type, written: true);
        _operands[operand] = _operands[operand] with { Written = true };
        return operand;
    }

    /// <summary>Partial sums, a row of columns for each chunk.</summary>
    public int Partial(View view, string name)
    {
        _operands.Add(new Operand(name, DType.F32, EquatableArray<RowStep>.Empty, ColumnKind.Contiguous, "", view.Shape, Written: true, Partial: true));
        _views.Add(view);
        return _operands.Count - 1;
    }

    /// <summary>How the row's number gives the index along one of its axes.</summary>
    public (string Divisor, string Modulus) RowAxis(int axis)
    {
        var inner = new Shape(domain.Sizes.Skip(axis + 1).Take(_rowAxes - axis - 1)).Count;
        return (inner.IsOne ? "" : Size(inner), axis == 0 ? "" : Size(domain[axis]));
    }

    /// <summary>The kernel over these operands, with what it is launched on.</summary>
    public KernelCall Call(
        string name, IReadOnlyList<(ScalarParameter Parameter, HostExpression Value)> scalars, IReadOnlyList<KernelStatement> body, Accumulation accumulation, bool chunked)
    {
        var rows = new Shape(domain.Sizes.Take(_rowAxes)).Count;
        scalars = [.. scalars.Select(s => _sizeParameters.Any(p => p.Name == s.Parameter.Name) ? (s.Parameter with { Name = s.Parameter.Name + "Value" }, s.Value) : s)];
        string verb = _views.Any(v => v.Buffer.Origin.Gradient || v.Buffer.Space == Space.Gradient) ? Verbs.Backward : Verbs.Forward;
        var kernel = new Kernel(name + verb, _operands.ToEquatableArray(),
            new[] { Kernel.Rows, Kernel.Columns }.Concat(_sizeParameters.Select(s => s.Name)).ToEquatableArray(),
            scalars.Select(s => s.Parameter).ToEquatableArray(), body.ToEquatableArray(), accumulation != Accumulation.Overwrite, chunked);
        return new KernelCall(kernel, _views.ToEquatableArray(), new[] { rows, domain[-1] }.Concat(_sizeParameters.Select(s => s.Value)).ToEquatableArray(),
            scalars.Select(s => s.Value).ToEquatableArray(), accumulation);
    }

    /// <param name="shape">Before the view was broadcast.</param>
    private int Add(View view, Shape shape, string name, DType type, bool written)
    {
        var column = view.Strides[domain.Rank - 1];
        var kind = column.IsZero ? ColumnKind.Fixed : column.IsOne ? ColumnKind.Contiguous : ColumnKind.Strided;
        _operands.Add(new Operand(name, type, RowSteps(view).ToEquatableArray(), kind, kind == ColumnKind.Strided ? Size(column) : "", shape, written));
        _views.Add(view);
        return _operands.Count - 1;
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
        if (size.IsOne) return "";
        if (size.Equals(domain[-1])) return Kernel.Columns;
        if (_sizes.TryGetValue(size, out var name)) return name;
        string text = size.ToString();
        name = size.Equals(new Shape(domain.Sizes.Take(_rowAxes)).Count) ? Kernel.Rows : text.All(char.IsLetter) ? text : "Stride" + (_sizeParameters.Count + 1);
        while (name != Kernel.Rows && _sizeParameters.Any(s => s.Name == name)) name += "_";
        _sizes.Add(size, name);
        if (name != Kernel.Rows) _sizeParameters.Add((name, size));
        return name;
    }
}
