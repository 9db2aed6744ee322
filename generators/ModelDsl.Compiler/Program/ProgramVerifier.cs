using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>
/// What must hold of an entry: names, types and sizes that fit, symbols in scope, scratch written before it is read and kept
/// while it is in use, gradients that are begun once and then added to, and nothing written that belongs to the caller.
/// </summary>
public sealed partial class ProgramVerifier
{
    private readonly Entry _entry;
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _scopes;

    private ProgramVerifier(Entry entry)
    {
        _entry = entry;
        _scopes = new HashSet<string>(entry.Steps.All().OfType<LoopStep>().SelectMany(Inner));
    }

    /// <exception cref="InvalidOperationException">Something does not hold; the message names every problem and its step.</exception>
    /// <param name="named">Whether buffers and kernels have been named; until then their names may be the same.</param>
    public static void Verify(Entry entry, bool named = true)
    {
        var verifier = new ProgramVerifier(entry);
        if (named) verifier.CheckNames();
        verifier.CheckSources();
        verifier.CheckStates();
        foreach (var kernel in entry.Kernels()) verifier._problems.AddRange(KernelVerifier.Problems(kernel).Select(p => $"kernel {kernel.Name}: {p}"));
        var steps = TimedStep.Number(entry.Steps);
        verifier.CheckSteps(steps, []);
        foreach (var result in entry.Results) verifier.CheckView(result.View, [], $"result {result.Name}");
        verifier.CheckOrder(steps);
        verifier.CheckLifetimes(steps);
        if (verifier._problems.Count > 0)
            throw new InvalidOperationException($"invalid entry {entry.Name}: {string.Join("; ", verifier._problems.Distinct())}");
    }

    private void CheckNames()
    {
        var buffers = _entry.Buffers().ToArray();
        var loops = _entry.Steps.All().OfType<LoopStep>().Select(l => l.Index).ToArray();
        foreach (string name in buffers.Select(b => b.Name).Concat(loops).Append(_entry.Name))
            if (!IsName(name)) Problem($"'{name}' is no name: letters, digits and _, no digit first");
        foreach (var same in loops.GroupBy(n => n).Where(g => g.Count() > 1)) Problem($"{same.Count()} loops are named '{same.Key}'");
        CheckNames(_entry.Steps, loops);
        foreach (var same in _entry.Kernels().GroupBy(k => k.Name).Where(g => g.Count() > 1)) Problem($"{same.Count()} kernels are named '{same.Key}'");
        foreach (var kernel in _entry.Kernels()) _problems.AddRange(KernelVerifier.Names(kernel).Select(p => $"kernel {kernel.Name}: {p}"));
    }

    /// <summary>Names are unique in a method: one for the entry's own steps, and one for each loop's body.</summary>
    private void CheckNames(IEnumerable<Step> steps, string[] loops)
    {
        var own = steps.Where(s => s is not LoopStep).SelectMany(s => s.Views).Select(v => v.Buffer).Distinct();
        foreach (var same in own.Select(b => b.Name).Concat(loops).GroupBy(n => n).Where(g => g.Count() > 1))
            Problem($"{same.Count()} buffers of one method are named '{same.Key}'");
        foreach (var loop in steps.OfType<LoopStep>()) CheckNames(loop.Body, loops);
    }

    internal static bool IsName(string name) => Regex.IsMatch(name, @"\A[\p{L}_][\p{L}\p{Nd}_]*\z");

    private void CheckSources()
    {
        var buffers = _entry.Buffers().ToArray();
        foreach (var same in buffers.Where(b => b.Space != Space.Scratch).GroupBy(b => (b.Space, b.Source)).Where(g => g.Count() > 1))
            Problem($"{string.Join(" and ", same)} are both the {same.Key.Space.ToString().ToLowerInvariant()} \"{same.Key.Source}\"");
        foreach (var buffer in buffers)
            if (buffer.Space == Space.Scratch != (buffer.Source.Length == 0))
                Problem(buffer.Space == Space.Scratch ? $"scratch {buffer} has a source, \"{buffer.Source}\"" : $"{buffer} has no source");
    }

    private void CheckStates()
    {
        if (_entry.States.Count > 0 && _entry.Name != "Decode") Problem("it keeps states, which only a decode step does");
        foreach (var buffer in _entry.Buffers())
            if (buffer.Space == Space.State != _entry.States.Any(s => s.Buffer == buffer))
                Problem(buffer.Space == Space.State ? $"{buffer} is not among the states" : $"the state {buffer} is {buffer.Space.ToString().ToLowerInvariant()}");
        foreach (var state in _entry.States)
            if (state.Buffer.Shape.Sizes.Any(s => s.Symbols().Contains(State.Room)) != state.PerPosition)
                Problem($"the state {state.Name} {state.Buffer.Shape} is {(state.PerPosition ? "per position, but has no" : "fixed, but has an")} axis of {State.Room} positions");
    }

    private void CheckSteps(IReadOnlyList<TimedStep> steps, IReadOnlyList<LoopStep> around)
    {
        foreach (var timed in steps)
        {
            string where = $"step {timed.Last}";
            foreach (var access in Access.Of(timed.Step))
            {
                CheckView(access.View, around, where);
                if (access.Write) CheckWrite(access, where);
            }
            switch (timed.Step)
            {
                case LoopStep loop:
                    CheckScope(loop.Count, around, where);
                    CheckSteps(timed.Body, [.. around, loop]);
                    break;
                case LaunchStep launch: CheckLaunch(launch, around, where); break;
                case MatMulStep product: CheckMatMul(product, around, where); break;
                case CallStep call: CheckCall(call, around, where); break;
            }
        }
    }

    private void CheckWrite(Access access, string where)
    {
        var (buffer, mode) = (access.View.Buffer, access.Accumulation);
        if (buffer.Space is Space.Weight or Space.Input) Problem($"{where} writes the {buffer.Space.ToString().ToLowerInvariant()} {buffer}");
        if (mode == Accumulation.FromSecondMicroStep && buffer.Space != Space.Gradient || mode == Accumulation.Always && buffer.Space is not (Space.Gradient or Space.Scratch))
            Problem($"{where} adds to {buffer}, which is {buffer.Space.ToString().ToLowerInvariant()}");
    }

    private void CheckLaunch(LaunchStep launch, IReadOnlyList<LoopStep> around, string where)
    {
        CheckKernel(launch.Kernel, around, where);
        if (!launch.Kernel.Kernel.Chunked && launch.Kernel.Sizes.Count > 0 && !launch.Grid.Equals(launch.Kernel.Sizes[0]))
            Problem($"{where} launches {launch.Kernel.Kernel.Name} over {launch.Grid} rows, but its {Kernel.Rows} is {launch.Kernel.Sizes[0]}");
        foreach (var (operand, view) in launch.Kernel.Kernel.Operands.Zip(launch.Kernel.Views, (o, v) => (o, v)))
            if (operand.Partial && launch.Kernel.Sizes.Count > 1 && !(view.IsContiguous && view.Shape.Count.Equals(launch.Grid * launch.Kernel.Sizes[1])))
                Problem($"{where}: the partial sums {view.Buffer} {view.Shape} are not {launch.Grid} rows of {launch.Kernel.Sizes[1]}");
    }

    private void CheckKernel(KernelCall call, IReadOnlyList<LoopStep> around, string where)
    {
        var kernel = call.Kernel;
        if (call.Views.Count != kernel.Operands.Count) Problem($"{where} gives {kernel.Name} {call.Views.Count} views for {kernel.Operands.Count} operands");
        if (call.Sizes.Count != kernel.Sizes.Count) Problem($"{where} gives {kernel.Name} {call.Sizes.Count} values for {kernel.Sizes.Count} sizes");
        if (call.Scalars.Count != kernel.Scalars.Count) Problem($"{where} gives {kernel.Name} {call.Scalars.Count} values for {kernel.Scalars.Count} scalars");
        foreach (var (operand, view) in kernel.Operands.Zip(call.Views, (o, v) => (o, v)))
            if (operand.Type != view.Buffer.Type) Problem($"{where} gives {kernel.Name} {view.Buffer} of {view.Buffer.Type.Name()} for {operand.Name} of {operand.Type.Name()}");
        foreach (var size in call.Sizes) CheckScope(size, around, where);
        foreach (var (parameter, value) in kernel.Scalars.Zip(call.Scalars, (p, v) => (p, v)))
        {
            if (parameter.Type != value.Type) Problem($"{where} gives {kernel.Name} a {value.Type.Name()} for {parameter.Name} of {parameter.Type.Name()}");
            CheckScope(value, around, where);
        }
        if (call.Accumulation != Accumulation.Overwrite && !kernel.Accumulates) Problem($"{where} asks {kernel.Name} to add, which it cannot");
    }

    private void CheckMatMul(MatMulStep product, IReadOnlyList<LoopStep> around, string where)
    {
        foreach (var (matrix, rows, columns) in new[] { (product.A, product.M, product.K), (product.B, product.K, product.N), (product.C, product.M, product.N) })
        {
            if (matrix.View.Buffer.Type != DType.F32) Problem($"{where} multiplies {matrix.View.Buffer} of {matrix.View.Buffer.Type.Name()}");
            var (outer, inner) = matrix.Transposed ? (columns, rows) : (rows, columns);
            var view = new View(matrix.View.Buffer, matrix.View.Offset, new Shape(product.Batch, outer, inner), new[] { matrix.BatchStride, matrix.Stride, Polynomial.One });
            CheckView(view, around, where);
        }
        if (product.Epilogue is not { } epilogue) return;
        CheckKernel(epilogue, around, where);
        var kernel = epilogue.Kernel;
        if (kernel.Chunked || kernel.Statements.Any(s => s is Reduce or AddToPartial)) Problem($"{where}: the epilogue {kernel.Name} sums, but sees a piece of the product at a time");
        if (!product.Batch.IsOne) Problem($"{where}: a batch of products has the epilogue {kernel.Name}");
        if (epilogue.Sizes.Count > 1 && !(epilogue.Sizes[0].Equals(product.M) && epilogue.Sizes[1].Equals(product.N)))
            Problem($"{where}: the epilogue {kernel.Name} is over [{epilogue.Sizes[0]}, {epilogue.Sizes[1]}], the product is [{product.M}, {product.N}]");
    }

    private void CheckCall(CallStep call, IReadOnlyList<LoopStep> around, string where)
    {
        string name = call.Node.Operation.Name;
        if (call.Inputs.Count != call.Node.Inputs.Count) Problem($"{where} gives {name} {call.Inputs.Count} of {call.Node.Inputs.Count} inputs");
        if (call.Results.Count != call.Node.Types.Count) Problem($"{where} places {call.Results.Count} of the {call.Node.Types.Count} results of {name}");
        foreach (var (input, node) in call.Inputs.Zip(call.Node.Inputs, (i, n) => (i, n)))
            switch (input)
            {
                case ViewInput { View: var view }: CheckFits(view, node.Type, $"{where}: an input of {name}"); break;
                case HostInput host:
                    if (host.Value.Type != node.DType || !node.Shape.Count.IsOne) Problem($"{where} gives {name} the {host.Value.Type.Name()} {ProgramText.Text(host.Value)} for {node.Type}");
                    CheckScope(host.Value, around, where);
                    break;
                case RangeInput range:
                    if (range.Start.Type != DType.I32 || node.DType != DType.I32 || node.Shape.Rank == 0) Problem($"{where} gives {name} positions for {node.Type}");
                    CheckScope(range.Start, around, where);
                    break;
            }
        foreach (var (view, type) in call.Results.Zip(call.Node.Types, (v, t) => (v, t))) CheckFits(view, type, $"{where}: a result of {name}");
        foreach (var state in call.State)
            if (state.Buffer.Space != Space.State) Problem($"{where}: {state.Buffer}, a state of {name}, is {state.Buffer.Space.ToString().ToLowerInvariant()}");
    }

    private void CheckFits(View view, TensorType type, string what)
    {
        if (view.Buffer.Type != type.DType || !view.Shape.Count.Equals(type.Shape.Count))
            Problem($"{what} is {type}, but {view.Buffer} is {view.Buffer.Type.Name()}{view.Shape}");
    }

    /// <summary>A stride for each axis, symbols in scope, and not certainly beyond its buffer.</summary>
    private void CheckView(View view, IReadOnlyList<LoopStep> around, string where)
    {
        if (view.Strides.Count != view.Shape.Rank)
        {
            Problem($"{where}: {view.Buffer} {view.Shape} has {view.Strides.Count} strides");
            return;
        }
        foreach (var size in view.Shape.Sizes.Concat(view.Strides).Append(view.Offset)) CheckScope(size, around, where);
        var last = view.Shape.Sizes.Zip(view.Strides, (size, stride) => (size - 1) * stride).Aggregate(view.Offset, (sum, axis) => sum + axis);
        foreach (var loop in around.Reverse())
            foreach (var (symbol, value) in Largest(loop)) last = last.Substitute(symbol, value);
        var beyond = last + 1 - view.Buffer.Count;
        if (beyond.Terms.Count > 0 && beyond.Terms.All(t => t.Coefficient > 0))
            Problem($"{where}: {ProgramText.Text(view)} ends {beyond} elements beyond {view.Buffer} {view.Buffer.Shape}");
    }

    private static IEnumerable<(string Symbol, Polynomial Value)> Largest(LoopStep loop)
    {
        var end = loop.KeepsCarries ? loop.Count : Polynomial.One;
        var start = loop.KeepsCarries ? loop.Count - 1 : Polynomial.One;
        yield return (LoopStep.Here(loop.Index), loop.Reverse ? end : start);
        yield return (LoopStep.Next(loop.Index), loop.Reverse ? start : end);
        yield return (loop.Index, loop.Count - 1);
    }

    private void CheckScope(Polynomial size, IReadOnlyList<LoopStep> around, string where)
    {
        foreach (string symbol in size.Symbols()) CheckScope(symbol, around, where);
    }

    private void CheckScope(HostExpression value, IReadOnlyList<LoopStep> around, string where)
    {
        switch (value)
        {
            case HostSymbol symbol: CheckScope(symbol.Name, around, where); break;
            case HostSize size: CheckScope(size.Value, around, where); break;
            case HostApply apply:
                if (!apply.Operation.IsPointwise) Problem($"{where}: {apply.Operation.Name} of scalars is not pointwise");
                foreach (var argument in apply.Arguments) CheckScope(argument, around, where);
                break;
        }
    }

    private void CheckScope(string symbol, IReadOnlyList<LoopStep> around, string where)
    {
        if (_scopes.Contains(symbol) && !around.Any(l => Inner(l).Contains(symbol))) Problem($"{where} uses {symbol} outside its loop");
    }

    /// <summary>The symbols that a loop's body alone knows.</summary>
    private static string[] Inner(LoopStep loop) => [loop.Index, LoopStep.Here(loop.Index), LoopStep.Next(loop.Index)];

    private void Problem(string problem) => _problems.Add(problem);
}
