using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>
/// The steps of an entry as methods: one for the entry, one for the body of each loop. A method begins with its sizes and the
/// pointers that it uses, in order of use; then each step is a statement, under a comment that says what it computes in the
/// names of the statement.
/// </summary>
internal sealed class StepPrinter
{
    private readonly CodeWriter _code;
    private readonly Entry _entry;
    private readonly Identifiers _identifiers;
    private readonly IReadOnlyDictionary<string, int> _inputs;
    private readonly IReadOnlyList<LoopStep> _loops;
    private readonly Dictionary<TensorBuffer, int> _blocks;
    private readonly Queue<(string Method, LoopStep Loop, IReadOnlyList<LoopStep> Around)> _pending = [];
    private readonly Locals _methods;

    /// <param name="inputs">The place of each input in the caller's list.</param>
    public StepPrinter(CodeWriter code, Entry entry, Identifiers identifiers, Locals methods, IReadOnlyDictionary<string, int> inputs)
    {
        (_code, _entry, _methods, _inputs) = (code, entry, methods, inputs);
        _identifiers = identifiers.With(entry.Steps.OfType<LoopStep>());
        _loops = entry.Steps.All().OfType<LoopStep>().ToArray();
        _blocks = entry.Scratch.Select((l, i) => (l.Buffer, i)).ToDictionary(p => p.Buffer, p => p.i);
    }

    /// <summary>The plan of the entry's scratch, its method, and those of its loops.</summary>
    public void Print(string summary, string head)
    {
        PrintPlan();
        _code.Line().Summary(summary);
        _code.Block(head, () => PrintBody(_entry.Steps, []));
        while (_pending.Count > 0)
        {
            var (method, loop, around) = _pending.Dequeue();
            _code.Line().Summary(loop.Reverse ? $"One layer of {loop.Name}, backward." : $"One layer of {loop.Name}, forward.");
            _code.Block($"private void {method}({string.Join(", ", around.Append(loop).Select(l => $"int {Index(l)}"))})", () => PrintBody(loop.Body, [.. around, loop]));
        }
    }

    private void PrintPlan()
    {
        _code.Block($"protected override MemoryPlan Plan{_entry.Name}()", () =>
        {
            var expressions = new Expressions(_identifiers, _identifiers.NewLocals());
            var blocks = _entry.Scratch.Select(l => $"new({expressions.Long(4 * l.Buffer.Count)}, {l.First}, {l.Last}),   // {l.Buffer.Name} {expressions.Shape(l.Buffer.Shape)}").ToArray();
            foreach (string declaration in expressions.Declarations) _code.Line(declaration);
            _code.Line("return new MemoryPlan(").Line("[").Indent(() => { foreach (string block in blocks) _code.Line(block); }).Line("]);");
        });
    }

    /// <param name="around">The loops around the steps, the outermost first: their indices are parameters of the method.</param>
    private void PrintBody(EquatableArray<Step> steps, IReadOnlyList<LoopStep> around)
    {
        var method = new MethodNames(_identifiers, around.Select(Index), _loops);
        var body = new CodeWriter();
        foreach (var step in steps)
        {
            body.Line();
            Print(body, method, step, around);
        }
        if (around.Count == 0) PrintResults(body, method);

        // The pointers come after the statements that asked for them were printed, and before them in the method.
        var pointers = method.Pointers.Select(p => Declare(method, p.Name, p.Slot, around)).ToArray();
        foreach (string declaration in method.Expressions.Declarations) _code.Line(declaration);
        foreach (var loop in around.Where(l => !l.KeepsCarries && method.Pointers.Any(p => p.Slot.Offset.Symbols().Any(s => s == LoopStep.Here(l.Index) || s == LoopStep.Next(l.Index)))))
        {
            string after = $"({Index(loop)} + 1) & 1", here = $"{Index(loop)} & 1";
            _code.Line($"int {LoopStep.Here(Index(loop))} = {(loop.Reverse ? after : here)}, {LoopStep.Next(Index(loop))} = {(loop.Reverse ? here : after)};   // two slots take turns");
        }
        foreach (string pointer in pointers) _code.Line(pointer);
        _code.Append(body);
    }

    private void PrintResults(CodeWriter body, MethodNames method)
    {
        body.Line();
        if (_entry.Name == "Forward")
            for (int i = 0; i < _entry.Results.Count; i++) body.Line($"outputs[{i}] = {method.Pointer(_entry.Results[i].View)};");
        else body.Line($"return {method.Pointer(_entry.Results[0].View)};");
    }

    private string Declare(MethodNames method, string name, Slot slot, IReadOnlyList<LoopStep> around)
    {
        var buffer = slot.Buffer;
        string type = KernelPrinter.ElementType(buffer.Type);
        string start = buffer.Space switch
        {
            Space.Weight => $"_weights + _table.{WeightsPrinter.Field(buffer.Source)}",
            Space.Gradient => $"_gradients + _table.{WeightsPrinter.Field(buffer.Source)}",
            Space.Input => $"({type}*)_inputs[{_inputs[buffer.Source].ToString(CultureInfo.InvariantCulture)}]",
            Space.State => $"State({Enumerable.Range(0, _entry.States.Count).First(i => _entry.States[i].Buffer == buffer)})",
            _ => $"{(type == "int" ? "Ints" : "Floats")}({_blocks[buffer.Memory]})",
        };
        var shape = slot.Offset.IsZero ? buffer.Shape : new Shape(buffer.Shape.Sizes.Skip(1));
        string offset = method.Expressions.Long(Resolved(slot.Offset, around));
        return $"{type}* {name} = {start}{(offset == "0" ? "" : " + " + offset)};   // {method.Expressions.Shape(shape)}";
    }

    /// <summary>An offset with the slots that are known put in: where every layer keeps its own, and around a loop.</summary>
    private Polynomial Resolved(Polynomial offset, IReadOnlyList<LoopStep> around)
    {
        foreach (var loop in _loops)
        {
            Polynomial index = Polynomial.Symbol(loop.Index), after = index + 1;
            if (loop.KeepsCarries)
            {
                offset = offset.Substitute(LoopStep.Here(loop.Index), loop.Reverse ? after : index).Substitute(LoopStep.Next(loop.Index), loop.Reverse ? index : after);
                offset = offset.Substitute(LoopStep.First(loop.Index), loop.Reverse ? loop.Count : Polynomial.Zero).Substitute(LoopStep.Last(loop.Index), loop.Reverse ? Polynomial.Zero : loop.Count);
            }
            else
            {
                // Slot 0 is where layer 0 begins; the other end depends on whether the number of layers is odd.
                offset = offset.Substitute(loop.Reverse ? LoopStep.Last(loop.Index) : LoopStep.First(loop.Index), Polynomial.Zero);
                offset = offset.Substitute(loop.Reverse ? LoopStep.First(loop.Index) : LoopStep.Last(loop.Index), Polynomial.Symbol($"({Count(loop.Count)} & 1)"));
            }
        }
        return offset;

        string Count(Polynomial count) => Expressions.Nested(new Expressions(_identifiers, _identifiers.NewLocals()).Int(count));
    }

    private void Print(CodeWriter body, MethodNames method, Step step, IReadOnlyList<LoopStep> around)
    {
        switch (step)
        {
            case LaunchStep launch:
                foreach (var formula in KernelFormulas(method, launch.Kernel)) body.Comment(formula);
                body.List($"_device.Launch(new {launch.Kernel.Kernel.Name} {{ ", Fields(method, launch.Kernel), $" }}, {method.Expressions.Int(launch.Grid)});");
                break;
            case MatMulStep product: Print(body, method, product); break;
            case CallStep call: CSharpCalls.For(call.Node.Operation).Print(new CallPrinter(body, method, call)); break;
            case LoopStep loop:
                string name = _methods.Take(MethodName(loop));
                _pending.Enqueue((name, loop, around));
                string index = Index(loop), arguments = string.Join(", ", around.Append(loop).Select(Index)), count = method.Expressions.Int(loop.Count);
                body.Line(loop.Reverse
                    ? $"for (int {index} = {count} - 1; {index} >= 0; {index}--) {name}({arguments});"
                    : $"for (int {index} = 0; {index} < {Expressions.Nested(count)}; {index}++) {name}({arguments});");
                break;
            default: throw new InvalidOperationException(step.ToString());
        }
    }

    private string Index(LoopStep loop) => _identifiers.Of(loop.Index);

    private string MethodName(LoopStep loop) => _entry.Name is "Train" or "Forward" ? loop.Name + (loop.Reverse ? "Backward" : "Forward") : _entry.Name + loop.Name;

    private static void Print(CodeWriter body, MethodNames method, MatMulStep product)
    {
        string Shape(Polynomial rows, Polynomial columns) => method.Expressions.Shape(product.Batch.IsOne ? new Shape(rows, columns) : new Shape(product.Batch, rows, columns));
        string Operand(MatrixOperand operand, Polynomial rows, Polynomial columns) =>
            $"{method.Pointer(operand.View)} {(operand.Transposed ? Shape(columns, rows) + "^T" : Shape(rows, columns))}";

        string sign = product.Accumulation == Accumulation.Overwrite ? "=" : "+=";
        body.Comment($"{method.Pointer(product.C.View)} {Shape(product.M, product.N)} {sign} {Operand(product.A, product.M, product.K)} x {Operand(product.B, product.K, product.N)}"
            + (product.Epilogue is null ? "" : ", then"));
        if (product.Epilogue is not null) foreach (string formula in KernelFormulas(method, product.Epilogue)) body.Comment(formula);
        string Call(string batch)
        {
            var arguments = new List<string>
            {
                method.Expressions.Int(product.M), method.Expressions.Int(product.N), method.Expressions.Int(product.K),
                Matrix(method, product.A, batch), Matrix(method, product.B, batch), Matrix(method, product.C, batch),
            };
            if (product.Epilogue is not null || product.Accumulation != Accumulation.Overwrite) arguments.Add(Flag(product.Accumulation));
            if (product.Epilogue is not null) arguments.Add($"new {product.Epilogue.Kernel.Name} {{ {string.Join(", ", Fields(method, product.Epilogue))} }}");
            return string.Join("\n", arguments);
        }
        if (product.Batch.IsOne) body.List("_device.MatMul(", Call("").Split('\n'), ");");
        else
        {
            body.Line($"for (int batch = 0; batch < {Expressions.Nested(method.Expressions.Int(product.Batch))}; batch++)");
            body.Indent(() => body.List("_device.MatMul(", Call("batch").Split('\n'), ");"));
        }
    }

    private static string Matrix(MethodNames method, MatrixOperand matrix, string batch)
    {
        string pointer = method.Pointer(matrix.View);
        if (batch.Length > 0 && !matrix.BatchStride.IsZero) pointer += $" + (long){batch} * {Expressions.Nested(method.Expressions.Long(matrix.BatchStride))}";
        return $"new Matrix({pointer}, {method.Expressions.Int(matrix.Stride)}{(matrix.Transposed ? ", transposed: true" : "")})";
    }

    private static IEnumerable<string> KernelFormulas(MethodNames method, KernelCall call) => Formulas.Of(call.Kernel,
            i => method.Pointer(call.Views[i]) is var pointer && pointer.Contains(' ') ? $"({pointer})" : method.Pointer(call.Views[i]),
            i => method.Expressions.Words(call.Scalars[i]))
        .Select(f => $"{f.Name}{(f.Shape is null ? "" : " " + method.Expressions.Shape(f.Shape))} {(f.Adds ? "+=" : "=")} {f.Text}");

    private static IEnumerable<string> Fields(MethodNames method, KernelCall call)
    {
        for (int i = 0; i < call.Views.Count; i++) yield return $"{call.Kernel.Operands[i].Name} = {method.Pointer(call.Views[i])}";
        for (int i = 0; i < call.Sizes.Count; i++) yield return $"{call.Kernel.Sizes[i]} = {method.Expressions.Int(call.Sizes[i])}";
        for (int i = 0; i < call.Scalars.Count; i++) yield return $"{call.Kernel.Scalars[i].Name} = {method.Expressions.Host(call.Scalars[i])}";
        if (call.Kernel.Accumulates) yield return $"Accumulate = {Flag(call.Accumulation)}";
    }

    public static string Flag(Accumulation mode) => mode switch
    {
        Accumulation.Overwrite => "false",
        Accumulation.Always => "true",
        _ => "_accumulate",
    };
}

/// <summary>The locals of one emitted method: its sizes, and a pointer for each buffer (of a layer, each slot) that it touches.</summary>
internal sealed class MethodNames(Identifiers identifiers, IEnumerable<string> parameters, IReadOnlyList<LoopStep> loops)
{
    private readonly Locals _locals = Reserve(identifiers.NewLocals(), parameters);
    private readonly List<(Slot Slot, string Name)> _pointers = [];

    public Expressions Expressions => field ??= new Expressions(identifiers, _locals);

    /// <summary>In order of first use.</summary>
    public IReadOnlyList<(Slot Slot, string Name)> Pointers => _pointers;

    /// <summary>A pointer to the view's first element.</summary>
    public string Pointer(View view)
    {
        var slot = Slot.Of(view, loops);
        int place = _pointers.FindIndex(p => p.Slot.Equals(slot));
        if (place < 0)
        {
            place = _pointers.Count;
            _pointers.Add((slot, _locals.Take(slot.Buffer.Name + slot.Suffix)));
        }
        var rest = view.Offset - slot.Offset;
        return rest.IsZero ? _pointers[place].Name : $"{_pointers[place].Name} + {Expressions.Nested(Expressions.Long(rest))}";
    }

    private static Locals Reserve(Locals locals, IEnumerable<string> parameters)
    {
        foreach (string parameter in parameters) locals.Take(parameter);
        return locals;
    }
}
