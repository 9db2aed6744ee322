using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>
/// The text form of an entry, for dumps, snapshots and errors: memory, steps in order with their numbers and views, results,
/// then the kernels. The same entry gives the same text.
/// </summary>
/// <example>
/// <code>
/// 3 for layer in 0 .. Layers (Blocks)
///   0 launch AttentionNormForward over B * T rows, Columns = Width, eps = Eps
///     x = residual[layerHere] [B, T, Width]
///     norm = attentionNorm [B, T, Width]
/// </code>
/// </example>
public sealed class ProgramText
{
    private readonly StringBuilder _text = new();
    private string _indent = "";
    private int _clock;

    private ProgramText() { }

    public static string Print(Entry entry)
    {
        var text = new ProgramText();
        text.Write(entry);
        return text._text.ToString();
    }

    /// <summary>A kernel alone. Kernels of one name and different bodies have different texts.</summary>
    public static string Print(Kernel kernel)
    {
        var text = new ProgramText();
        text.Write(kernel);
        return text._text.ToString();
    }

    private void Write(Entry entry)
    {
        Line($"entry {entry.Name}");
        Line("memory");
        var lifetimes = entry.Scratch.ToDictionary(l => l.Buffer);
        foreach (var buffer in entry.Buffers())
            Inside(() => Line(Declaration(buffer) + (lifetimes.TryGetValue(buffer, out var life) ? $" steps {life.First} to {life.Last}" : buffer.Memory != buffer ? $" in the place of {buffer.Memory}" : "")
                + (entry.States.FirstOrDefault(s => s.Buffer == buffer) is { } state ? state.PerPosition ? " per position" : " replaced" : "")));
        Line("steps");
        Inside(() => Write(entry.Steps));
        if (entry.Results.Count > 0) Line("results");
        foreach (var result in entry.Results) Inside(() => Line($"{result.Name} = {Text(result.View)}"));
        foreach (var kernel in entry.Kernels())
        {
            _text.Append('\n');
            Write(kernel);
        }
    }

    private static string Declaration(TensorBuffer buffer) =>
        $"{buffer.Space.ToString().ToLowerInvariant()} {buffer.Name} {buffer.Type.Name()}{buffer.Shape}" + (buffer.Source.Length > 0 ? $" \"{buffer.Source}\"" : "");

    private void Write(IEnumerable<Step> steps)
    {
        foreach (var step in steps) Write(step);
    }

    private void Write(Step step)
    {
        if (step is LoopStep loop)
        {
            string range = loop.Reverse ? $"{loop.Count} .. 0" : $"0 .. {loop.Count}";
            Line($"for {loop.Index} in {range}{(loop.KeepsCarries ? ", every carry kept" : "")} ({loop.Name})");
            Inside(() => Write(loop.Body));
            Line($"{_clock++} end {loop.Index}");
            return;
        }
        int number = _clock++;
        switch (step)
        {
            case LaunchStep launch:
                Line($"{number} launch {Head(launch.Kernel)} over {launch.Grid} {(launch.Kernel.Kernel.Chunked ? "chunks" : "rows")}");
                Inside(() => Operands(launch.Kernel));
                break;
            case MatMulStep product:
                string batch = product.Batch.IsOne ? "" : $" batch {product.Batch}";
                Line($"{number} matmul{batch} [{product.M}, {product.N}] {Sign(product.Accumulation)} [{product.M}, {product.K}] x [{product.K}, {product.N}]");
                Inside(() =>
                {
                    foreach (var (name, matrix) in new[] { ("c", product.C), ("a", product.A), ("b", product.B) }) Line($"{name} = {Text(matrix)}");
                    if (product.Epilogue is not { } epilogue) return;
                    Line($"then {Head(epilogue)}");
                    Inside(() => Operands(epilogue));
                });
                break;
            case CallStep call:
                string attributes = call.Node.Attributes.ToString();
                Line($"{number} call {call.Node.Operation.Name}{(attributes.Length > 0 ? " " + attributes : "")}{(call.Accumulation == Accumulation.Overwrite ? "" : " " + Words(call.Accumulation))}");
                Inside(() =>
                {
                    for (int i = 0; i < call.Results.Count; i++) Line($"result = {Text(call.Results[i])}");
                    foreach (var input in call.Inputs) Line($"input = {Text(input)}");
                    foreach (var state in call.State) Line($"state = {Text(state)}");
                    foreach (var scratch in call.Scratch) Line($"scratch = {Text(scratch)}");
                });
                break;
        }
    }

    private static string Head(KernelCall call) => string.Join(", ", new[] { call.Kernel.Name + (call.Accumulation == Accumulation.Overwrite ? "" : " " + Words(call.Accumulation)) }
        .Concat(call.Kernel.Sizes.Zip(call.Sizes, (name, value) => $"{name} = {value}"))
        .Concat(call.Kernel.Scalars.Zip(call.Scalars, (scalar, value) => $"{scalar.Name} = {Text(value)}")));

    private void Operands(KernelCall call)
    {
        foreach (string line in call.Kernel.Operands.Zip(call.Views, (operand, view) => $"{operand.Name} = {Text(view)}")) Line(line);
    }

    private static string Sign(Accumulation accumulation) =>
        accumulation switch { Accumulation.Overwrite => "=", Accumulation.Always => "+=", _ => "= or +=" };

    private static string Words(Accumulation accumulation) => accumulation == Accumulation.Always ? "adding" : "adding from the second micro-step";

    private static string Text(MatrixOperand matrix) => $"{Text(matrix.View)} stride {matrix.Stride}"
        + (matrix.BatchStride.IsZero ? "" : $" batch stride {matrix.BatchStride}") + (matrix.Transposed ? " transposed" : "");

    private static string Text(CallInput input) => input switch
    {
        ViewInput view => Text(view.View),
        RangeInput range => $"{Text(range.Start)}, {Text(range.Start)} + 1, ...",
        HostInput host => Text(host.Value),
        _ => input.ToString(),
    };

    /// <summary>"eps", "rsqrt(f32(Width / Heads))".</summary>
    public static string Text(HostExpression expression) => expression switch
    {
        HostConstant { Type: DType.Bool } constant => constant.Value != 0 ? "true" : "false",
        HostConstant constant => constant.Value.ToString("R", CultureInfo.InvariantCulture),
        HostSymbol symbol => symbol.Name,
        HostSize size => size.Value.ToString(),
        HostApply apply => $"{(apply.Operation.Name == "cast" ? apply.Type.Name() : apply.Operation.Name)}({string.Join(", ", apply.Arguments.Select(Text))})",
        _ => expression.ToString(),
    };

    /// <summary>
    /// "x [B, T]": the whole; "x[layer] [B, T]": an element of its first axis; "x[:, Width:2 * Width] [B, Width]": parts of its
    /// axes; otherwise the offset and the strides.
    /// </summary>
    public static string Text(View view) => $"{view.Buffer.Name}{ViewText.Place(view)} {view.Shape}{ViewText.Strides(view)}";

    private void Write(Kernel kernel)
    {
        Line($"kernel {kernel.Name}({string.Join(", ", kernel.Sizes)}){(kernel.Chunked ? " chunked" : "")}{(kernel.Accumulates ? " accumulates" : "")}");
        Inside(() =>
        {
            foreach (var operand in kernel.Operands) Line(Text(operand));
            foreach (var scalar in kernel.Scalars) Line($"value {scalar.Name} {scalar.Type.Name()}");
            foreach (var statement in kernel.Body) Write(statement, kernel);
        });
    }

    private static string Text(Operand operand)
    {
        var terms = operand.Rows.Select(step => $"{Index(step.Divisor, step.Modulus)} * {step.Stride}").ToList();
        if (operand.Partial) terms.Add($"chunk * {Kernel.Columns}");
        if (operand.Columns != ColumnKind.Fixed) terms.Add(operand.Columns == ColumnKind.Strided ? $"column * {operand.ColumnStride}" : "column");
        return $"{(operand.Written ? "write" : "read")} {operand.Name} {operand.Type.Name()}{operand.Shape} at {(terms.Count == 0 ? "0" : string.Join(" + ", terms))}";
    }

    private static string Index(string divisor, string modulus)
    {
        string row = divisor.Length > 0 ? $"row / {divisor}" : "row";
        return modulus.Length > 0 ? $"({row}) % {modulus}" : divisor.Length > 0 ? $"({row})" : row;
    }

    private void Write(KernelStatement statement, Kernel kernel)
    {
        switch (statement)
        {
            case ColumnLoop loop:
                Line("columns");
                Inside(() =>
                {
                    foreach (var inner in loop.Body) Write(inner, kernel);
                });
                break;
            case Let let: Line($"{(let.PerRow ? "row " : "")}%{let.Id}{Named(let.Name)} {let.Type.Name()} = {Text(let.Value, kernel)}"); break;
            case Reduce reduce: Line($"row %{reduce.Id}{Named(reduce.Name)} = {(reduce.Maximum ? "max" : "sum")} %{reduce.Value}"); break;
            case Store store: Line($"{(store.PerRow ? "row " : "")}{kernel.Operands[store.Operand].Name} {(store.Accumulate ? "= or +=" : "=")} %{store.Value}"); break;
            case AddToPartial add: Line($"{kernel.Operands[add.Operand].Name} += %{add.Value}"); break;
        }
    }

    private static string Named(string name) => name.Length > 0 ? $" \"{name}\"" : "";

    private static string Text(KernelExpression expression, Kernel kernel) => expression switch
    {
        Load load => kernel.Operands[load.Operand].Name + (load.PerRow ? " of the row" : ""),
        ConstantValue constant => constant.Value.ToString("R", CultureInfo.InvariantCulture),
        ScalarValue scalar => kernel.Scalars[scalar.Scalar].Name,
        IndexValue index => index.Column ? "column" : Index(index.Divisor, index.Modulus),
        Apply apply => $"{apply.Operation.Name} {string.Join(", ", apply.Arguments.Select(a => "%" + a))}",
        _ => expression.ToString(),
    };

    private void Line(string line) => _text.Append(_indent).Append(line).Append('\n');

    private void Inside(System.Action write)
    {
        string before = _indent;
        _indent += "  ";
        write();
        _indent = before;
    }
}
