using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>
/// A kernel of the loop IR as a C# struct: fields for its operands and sizes, and one method that computes a range of rows (as
/// an epilogue, a rectangle) with vectors of sixteen floats along the columns.
/// </summary>
internal sealed class KernelPrinter
{
    private readonly Kernel _kernel;
    private readonly CodeWriter _code;
    private readonly bool _epilogue;
    private readonly KernelValues _values;

    /// <summary>The local that points to each operand's row.</summary>
    private readonly string[] _pointers;

    private KernelPrinter(Kernel kernel, CodeWriter code, bool epilogue)
    {
        (_kernel, _code, _epilogue) = (kernel, code, epilogue);
        var locals = new Locals(["row", "column", "left", "begin", "end", "chunk", "firstRow", "rows", "firstColumn", "lastColumn", "columns"]);
        _pointers = kernel.Operands.Select(o => locals.Take(char.ToLowerInvariant(o.Name[0]) + o.Name.Substring(1))).ToArray();
        _values = new KernelValues(kernel, locals, _pointers);
    }

    /// <param name="epilogue">Whether it is given rectangles of a product; only kernels without reductions can be.</param>
    public static void Print(Kernel kernel, CodeWriter code, bool epilogue) => new KernelPrinter(kernel, code, epilogue).Print();

    private void Print()
    {
        _code.Summary(Formulas.Of(_kernel, i => _kernel.Operands[i].Name, i => _kernel.Scalars[i].Name).Select(f => f.ToString()).ToArray());
        _code.Block($"internal unsafe struct {Identifiers.Escape(_kernel.Name)} : IRowKernel{(_epilogue ? ", IEpilogue" : "")}", () =>
        {
            foreach (var operand in _kernel.Operands)
                _code.Line($"public {ElementType(operand.Type)}* {operand.Name};   // {operand.Shape}{(operand.Written ? ", written" : "")}");
            _code.Line($"public int {string.Join(", ", _kernel.Sizes)};");
            foreach (var scalar in _kernel.Scalars) _code.Line($"public {ScalarType(scalar.Type)} {scalar.Name};");
            if (_kernel.Accumulates) _code.Line("public bool Accumulate;");
            _code.Line();
            if (_epilogue) PrintEpilogue();
            else
            {
                _code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
                _code.Block("public readonly void Run(int begin, int end)", _kernel.Chunked ? PrintChunks : () => PrintRows("begin", "end"));
            }
        });
    }

    /// <summary>How an element of this type is stored: bools as 0 and 1.</summary>
    public static string ElementType(DType type) => type == DType.I32 ? "int" : "float";

    private static string ScalarType(DType type) => type == DType.Bool ? "bool" : "float";

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

    private void PrintChunks() => _code.Block("for (int chunk = begin; chunk < end; chunk++)", () =>
    {
        for (int i = 0; i < _kernel.Operands.Count; i++)
        {
            if (!_kernel.Operands[i].Partial) continue;
            _code.Line($"float* {_pointers[i]} = {_kernel.Operands[i].Name} + (long)chunk * Columns;");
            _code.Line($"new Span<float>({_pointers[i]}, Columns).Clear();");
        }
        PrintRows("ColumnSums.FirstRow(chunk, Rows)", "ColumnSums.FirstRow(chunk + 1, Rows)");
    });

    private void PrintRows(string first, string end) => _code.Block($"for (int row = {first}; row < {end}; row++)", () =>
    {
        for (int i = 0; i < _kernel.Operands.Count; i++)
            if (_kernel.Operands[i] is { Partial: false } operand)
                _code.Line($"{ElementType(operand.Type)}* {_pointers[i]} = {operand.Name}{string.Concat(operand.Rows.Select(r => " + " + RowOffset(r)))};");
        foreach (var statement in _kernel.Body)
            if (statement is ColumnLoop loop) PrintLoop(loop);
            else Print(statement);
    });

    private static string RowOffset(RowStep step)
    {
        string row = step.Divisor.Length > 0 ? $"row / {step.Divisor}" : "row";
        if (step.Modulus.Length > 0) row = step.Divisor.Length > 0 ? $"({row}) % {step.Modulus}" : $"row % {step.Modulus}";
        if (step.Stride.Length == 0) return row == "row" ? row : $"({row})";
        return row == "row" ? $"(long)row * {step.Stride}" : $"(long)({row}) * {step.Stride}";
    }

    private void PrintLoop(ColumnLoop loop)
    {
        var reductions = loop.Body.OfType<Reduce>().ToArray();
        foreach (var reduce in reductions)
            _code.Line($"var {Lanes(reduce)} = {(reduce.Maximum ? "Simd.Splat(float.NegativeInfinity)" : "Vector512<float>.Zero")};");
        string head = _epilogue ? "for (int column = firstColumn; column < lastColumn; column += Simd.Width)" : "for (int column = 0; column < Columns; column += Simd.Width)";
        _code.Block(head, () =>
        {
            _code.Line($"int left = {(_epilogue ? "lastColumn" : "Columns")} - column;");
            foreach (var statement in loop.Body) Print(statement);
        });
        foreach (var reduce in reductions)
            _code.Line($"float {_values.Name(reduce.Id)} = Simd.{(reduce.Maximum ? "Maximum" : "Sum")}({Lanes(reduce)});");
    }

    private string Lanes(Reduce reduce) => _values.Name(reduce.Id).TrimStart('@') + "Lanes";

    private void Print(KernelStatement statement)
    {
        switch (statement)
        {
            case Let let when _values.Declares(let):
                string text = _values.Text(let);
                _code.Line($"{(let.PerRow ? (let.Type == DType.Bool ? "bool" : "float") : "var")} {_values.Name(let.Id)} = {text};");
                break;
            case Reduce reduce:
                string value = _values.Vector(reduce.Value);
                _code.Line(reduce.Maximum
                    ? $"{Lanes(reduce)} = Simd.Max({Lanes(reduce)}, Simd.Keep({value}, left, float.NegativeInfinity));"
                    : $"{Lanes(reduce)} += Simd.Keep({value}, left);");
                break;
            case Store { PerRow: true } store: PrintScalar(store); break;
            case Store store: PrintVector(store); break;
            case AddToPartial add:
                string at = $"{_pointers[add.Operand]} + column";
                _code.List("Simd.Store(", [at, $"Simd.Load({at}, left) + {Expressions.Nested(_values.Vector(add.Value))}", "left"], ");");
                break;
        }
    }

    private void PrintScalar(Store store)
    {
        string value = _values.Scalar(store.Value), pointer = _pointers[store.Operand];
        string text = _kernel.Operands[store.Operand].Type switch
        {
            DType.I32 => $"(int){Expressions.Nested(value)}",
            DType.Bool => $"{Expressions.Nested(value)} ? 1f : 0f",
            _ => value,
        };
        _code.Line($"{pointer}[0] = {(store.Accumulate ? $"(Accumulate ? {pointer}[0] : 0) + {Expressions.Nested(text)}" : text)};");
    }

    private void PrintVector(Store store)
    {
        var operand = _kernel.Operands[store.Operand];
        string value = _values.Vector(store.Value), pointer = _pointers[store.Operand];
        if (operand.Type == DType.Bool) value = $"Simd.Select({value}, Simd.Splat(1f), Simd.Splat(0f))";
        if (operand.Columns == ColumnKind.Strided)
        {
            string place = $"{pointer} + (long)column * {operand.ColumnStride}";
            if (store.Accumulate) value = $"(Accumulate ? Simd.Gather({place}, {operand.ColumnStride}, left) : Simd.Splat(0)) + {Expressions.Nested(value)}";
            _code.Line($"Simd.Scatter({place}, {operand.ColumnStride}, {value}, left);");
            return;
        }
        string at = $"{pointer}{(operand.Columns == ColumnKind.Fixed ? "" : " + column")}";
        string left = operand.Columns == ColumnKind.Fixed ? "1" : "left";
        if (store.Accumulate) value = $"(Accumulate ? Simd.Load({at}, {left}) : Simd.Splat(0)) + {Expressions.Nested(value)}";
        _code.Line($"Simd.Store({at}, {value}, {left});");
    }
}
