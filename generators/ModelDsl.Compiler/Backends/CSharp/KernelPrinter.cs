using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>
/// A kernel of the loop IR as a C# struct: fields for its operands and sizes, and one method that does a range of rows (as
/// an epilogue, a rectangle) with vectors of sixteen floats along the columns.
/// </summary>
internal sealed class KernelPrinter
{
    private readonly Kernel _kernel;
    private readonly CodeWriter _code;
    private readonly bool _epilogue;
    private readonly KernelValues _values;

    private KernelPrinter(Kernel kernel, CodeWriter code, bool epilogue)
    {
        _kernel = kernel;
        _code = code;
        _epilogue = epilogue;
        _values = new KernelValues(kernel);
    }

    /// <param name="epilogue">Whether it is given rectangles of a product; only kernels without reductions can be.</param>
    public static void Print(Kernel kernel, CodeWriter code, bool epilogue) => new KernelPrinter(kernel, code, epilogue).Print();

    private void Print()
    {
        _code.Summary(_kernel.Documentation.ToArray());
        _code.Block($"internal unsafe struct {_kernel.Name} : IRowKernel{(_epilogue ? ", IEpilogue" : "")}", () =>
        {
            foreach (var operand in _kernel.Operands)
                _code.Line($"public {(operand.Type == DType.I32 ? "int" : "float")}* {operand.Name};   // {operand.Shape}{(operand.Written ? ", written" : "")}");
            _code.Line($"public int {string.Join(", ", Sizes())};");
            foreach (var scalar in _kernel.Scalars) _code.Line($"public {scalar.Type} {scalar.Name};");
            _code.Line();
            if (_epilogue) PrintEpilogue();
            else
            {
                _code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
                _code.Block("public readonly void Run(int begin, int end)", _kernel.Chunked ? PrintChunks : () => PrintRows("begin", "end"));
            }
        });
    }

    private IEnumerable<string> Sizes() => new[] { "Rows", "Columns" }
        .Concat(_kernel.Operands.SelectMany(o => o.Rows.SelectMany(r => new[] { r.Divisor, r.Modulus, r.Stride }).Append(o.ColumnStride)))
        .Concat(IndexFields()).Where(s => s.Length > 0).Distinct();

    private IEnumerable<string> IndexFields() => _kernel.Body.SelectMany(s => s is ColumnLoop loop ? loop.Body.AsEnumerable() : [s])
        .OfType<Let>().Select(l => l.Value).OfType<IndexValue>().SelectMany(i => new[] { i.Divisor, i.Modulus });

    private void PrintEpilogue()
    {
        _code.Line("public readonly void Run(int begin, int end) => Apply(begin, end - begin, 0, Columns);");
        _code.Line();
        _code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        _code.Block("public readonly void Apply(int firstRow, int rows, int firstColumn, int columns)", () =>
        {
            _code.Line("int lastColumn = firstColumn + columns;");
            PrintRows("firstRow", "firstRow + rows");
        });
    }

    private void PrintChunks()
    {
        var partials = _kernel.Body.OfType<ColumnLoop>().SelectMany(l => l.Body).OfType<AddToPartial>().Select(a => a.Operand).ToArray();
        _code.Block("for (int chunk = begin; chunk < end; chunk++)", () =>
        {
            foreach (string partial in partials)
            {
                _code.Line($"float* {Local(partial)} = {partial} + (long)chunk * Columns;");
                _code.Line($"new Span<float>({Local(partial)}, Columns).Clear();");
            }
            PrintRows("ColumnSums.FirstRow(chunk, Rows)", "ColumnSums.FirstRow(chunk + 1, Rows)");
        });
    }

    private void PrintRows(string first, string end) => _code.Block($"for (int row = {first}; row < {end}; row++)", () =>
    {
        var partials = new HashSet<string>(_kernel.Body.OfType<ColumnLoop>().SelectMany(l => l.Body).OfType<AddToPartial>().Select(a => a.Operand));
        foreach (var operand in _kernel.Operands.Where(o => !partials.Contains(o.Name)))
            _code.Line($"{(operand.Type == DType.I32 ? "int" : "float")}* {Local(operand.Name)} = {operand.Name}{string.Concat(operand.Rows.Select(r => " + " + RowOffset(r)))};");
        foreach (var statement in _kernel.Body)
            if (statement is ColumnLoop loop) PrintLoop(loop);
            else Print(statement);
    });

    private static string RowOffset(RowStep step)
    {
        string row = step.Divisor.Length > 0 ? $"row / {step.Divisor}" : "row";
        if (step.Modulus.Length > 0) row = step.Divisor.Length > 0 ? $"({row}) % {step.Modulus}" : $"row % {step.Modulus}";
        return row == "row" ? $"(long)row * {step.Stride}" : $"(long)({row}) * {step.Stride}";
    }

    private void PrintLoop(ColumnLoop loop)
    {
        var reductions = loop.Body.OfType<Reduce>().ToArray();
        foreach (var reduce in reductions)
            _code.Line($"var lanes{reduce.Id} = {(reduce.Maximum ? "Simd.Splat(float.NegativeInfinity)" : "Vector512<float>.Zero")};");
        string head = _epilogue ? "for (int column = firstColumn; column < lastColumn; column += Simd.Width)" : "for (int column = 0; column < Columns; column += Simd.Width)";
        _code.Block(head, () =>
        {
            _code.Line($"int left = {(_epilogue ? "lastColumn" : "Columns")} - column;");
            foreach (var statement in loop.Body) Print(statement);
        });
        foreach (var reduce in reductions)
            _code.Line($"float {_values.Name(reduce.Id)} = Simd.{(reduce.Maximum ? "Maximum" : "Sum")}(lanes{reduce.Id});");
    }

    private void Print(KernelStatement statement)
    {
        switch (statement)
        {
            case Let let when _values.Declares(let):
                _code.Line($"{(let.PerRow ? (let.Type == DType.Bool ? "bool" : "float") : "var")} {_values.Name(let.Id)} = {_values.Text(let)};");
                break;
            case Reduce reduce:
                string value = _values.Vector(reduce.Value);
                _code.Line(reduce.Maximum
                    ? $"lanes{reduce.Id} = Simd.Max(lanes{reduce.Id}, Simd.Keep({value}, left, float.NegativeInfinity));"
                    : $"lanes{reduce.Id} += Simd.Keep({value}, left);");
                break;
            case Store { PerRow: true } store: Print(store, _values.Scalar(store.Value)); break;
            case Store store: PrintVector(store); break;
            case AddToPartial add:
                string at = $"{Local(add.Operand)} + column";
                _code.Line($"Simd.Store({at}, Simd.Load({at}, left) + {KernelValues.Nested(_values.Vector(add.Value))}, left);");
                break;
        }
    }

    private void Print(Store store, string value)
    {
        var operand = _kernel.Operands.First(o => o.Name == store.Operand);
        string text = operand.Type switch { DType.I32 => $"(int){KernelValues.Nested(value)}", DType.Bool => $"{KernelValues.Nested(value)} ? 1f : 0f", _ => value };
        _code.Line($"{Local(store.Operand)}[0] = {(store.Accumulate ? $"(Accumulate ? {Local(store.Operand)}[0] : 0) + {KernelValues.Nested(text)}" : text)};");
    }

    private void PrintVector(Store store)
    {
        var operand = _kernel.Operands.First(o => o.Name == store.Operand);
        string value = _values.Vector(store.Value);
        if (operand.Type == DType.Bool) value = $"Simd.Select({value}, Simd.Splat(1f), Simd.Splat(0f))";
        if (operand.Columns == ColumnKind.Strided)
        {
            string place = $"{Local(store.Operand)} + (long)column * {operand.ColumnStride}";
            if (store.Accumulate) value = $"(Accumulate ? Simd.Gather({place}, {operand.ColumnStride}, left) : Simd.Splat(0)) + {KernelValues.Nested(value)}";
            _code.Line($"Simd.Scatter({place}, {operand.ColumnStride}, {value}, left);");
            return;
        }
        string at = $"{Local(store.Operand)}{(operand.Columns == ColumnKind.Fixed ? "" : " + column")}";
        string left = operand.Columns == ColumnKind.Fixed ? "1" : "left";
        if (store.Accumulate) value = $"(Accumulate ? Simd.Load({at}, {left}) : Simd.Splat(0)) + {KernelValues.Nested(value)}";
        _code.Line($"Simd.Store({at}, {value}, {left});");
    }

    internal static string Local(string field) => char.ToLowerInvariant(field[0]) + field.Substring(1) is var name && name is "row" or "column" or "left" or "base" or "in" or "out" or "ref" or "params" or "fixed" or "checked" or "lock" or "new" ? "@" + name + "_" : name;
}
