using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Lowering;

/// <summary>Matrix products, and operations that write their own launches.</summary>
internal sealed partial class RegionLowering
{
    private void LowerMatMul(Node node, View? target, KernelCall? epilogue)
    {
        bool transposeA = node.Attributes.Get("transposeA", false), transposeB = node.Attributes.Get("transposeB", false);
        var (a, b) = (node.Inputs[0], node.Inputs[1]);
        var to = target is null ? MatrixDestination(node, out var copyTo) : NoCopy(target, out copyTo);
        var (k, n) = (a.Shape[transposeA ? -2 : -1], node.Shape[-1]);
        if (b.Shape.Rank == 2 && (!transposeA || a.Shape.Rank == 2))
        {
            var rowsA = AsRows(a);
            var m = transposeA ? a.Shape[-1] : new Shape(a.Shape.Sizes.Take(a.Shape.Rank - 1)).Count;
            _steps.Add(new MatMulStep(1, m, n, k,
                Matrix(rowsA, transposeA, Polynomial.Zero), Matrix(AsMatrix(b), transposeB, Polynomial.Zero), Matrix(Flatten(to.View), false, Polynomial.Zero), to.Mode, epilogue));
        }
        else
        {
            var (batchA, batchB, batchC) = (AsBatch(a), AsBatch(b), FlattenBatch(to.View)!);
            _steps.Add(new MatMulStep(batchC.Shape[0], node.Shape[-2], n, k,
                Matrix(batchA.At(0), transposeA, batchA.Strides[0]), Matrix(batchB.At(0), transposeB, batchB.Strides[0]), Matrix(batchC.At(0), false, batchC.Strides[0]), to.Mode, epilogue));
        }
        if (copyTo is not null) Copy(to.View, copyTo);
    }

    private static Destination NoCopy(View target, out Destination? copyTo)
    {
        copyTo = null;
        return new Destination(target, Accumulation.Overwrite);
    }

    /// <summary>The node's destination where a product can be written there; otherwise scratch, and where to copy it.</summary>
    private Destination MatrixDestination(Node node, out Destination? copyTo)
    {
        var to = DestinationOf(node);
        bool batched = node.Inputs[1].Shape.Rank > 2;
        copyTo = null;
        if (batched ? FlattenBatch(to.View) is { } batch && batch.Strides[2].IsOne : IsRows(to.View, 1)) return to;
        copyTo = to;
        var scratch = View.Whole(_program.AddScratch(BufferNames.Of(node), DType.F32, node.Shape));
        return new Destination(scratch, Accumulation.Overwrite);
    }

    /// <summary>A view of rank 2 as a matrix that has a unit stride in one of its axes.</summary>
    private static MatrixOperand Matrix(View view, bool transposed, Polynomial batchStride)
    {
        bool flipped = !view.Strides[1].IsOne && view.Strides[0].IsOne;
        return new MatrixOperand(view, batchStride, flipped ? view.Strides[1] : view.Strides[0], transposed != flipped);
    }

    private View AsMatrix(Node node) => ViewOf(node) is var view && HasUnitStride(view) ? view : Contiguous(node);

    private static bool HasUnitStride(View view) => view.Strides[view.Shape.Rank - 1].IsOne || view.Strides[view.Shape.Rank - 2].IsOne;

    private View AsRows(Node node)
    {
        if (node.Shape.Rank == 2) return AsMatrix(node);
        return Flatten(Rows(node, 1));
    }

    private static View Flatten(View view) =>
        view.Shape.Rank == 2 ? view : new View(view.Buffer, view.Offset,
            new Shape(new Shape(view.Shape.Sizes.Take(view.Shape.Rank - 1)).Count, view.Shape[-1]),
            new[] { view.RowStride(), Polynomial.One });

    private View AsBatch(Node node) => FlattenBatch(ViewOf(node)) is { } batch && HasUnitStride(batch) ? batch : FlattenBatch(Contiguous(node))!;

    /// <summary>[batch, rows, columns], or null where the leading axes are no run; one matrix alone is the same for every batch.</summary>
    private static View? FlattenBatch(View view)
    {
        int rank = view.Shape.Rank;
        if ((rank == 2 ? Polynomial.Zero : view.Collapse(0, rank - 2)) is not { } stride) return null;
        return new View(view.Buffer, view.Offset,
            new Shape(new Shape(view.Shape.Sizes.Take(rank - 2)).Count, view.Shape[-2], view.Shape[-1]),
            new[] { stride, view.Strides[rank - 2], view.Strides[rank - 1] });
    }

    /// <summary>An operation that the target has a kernel for.</summary>
    private void LowerCall(Node node)
    {
        var rule = _program.Rules.For(node.Operation) ?? throw new NotSupportedException($"the target has no kernel for {node.Operation.Name}, which has no meaning in other operations");
        var states = node.Operation.States(node);
        var inputs = node.Inputs.Select((_, i) => states.Any(s => s.Appended == i) ? null! : CallInputOf(node, rule.Input(node, i), i)).ToArray();
        foreach (var spec in states.Where(s => s.Appended >= 0))
        {
            var (made, rows) = (ViewOf(node.Inputs[spec.Appended]), NewRows(node, spec));
            if (!made.Equals(rows)) Copy(made, new Destination(rows, Accumulation.Overwrite));
            inputs[spec.Appended] = new ViewInput(rows);
        }
        var results = new View[node.Types.Count];
        var copies = new List<(View From, Destination To)>();
        for (int r = 0; r < results.Length; r++)
        {
            if (rule.InPlace is var (result, input) && result == r)
            {
                results[r] = ResultInPlaceOf(node, r, input, rule.Result(node, r), copies, out var source);
                inputs[input] = new ViewInput(source);
            }
            else results[r] = ResultOf(node, rule, r, rule.Result(node, r), copies);
        }
        var scratch = rule.Scratch(node).Select(s => View.Whole(_program.AddScratch(BufferNames.OfScratch(node, s.Role), DType.F32, s.Shape))).ToArray();
        _steps.Add(new CallStep(node, inputs, results, states.Select(s => StateOf(node, s)).ToEquatableArray(), scratch,
            rule.Accumulates && copies.Count == 0 ? DestinationOf(node).Mode : Accumulation.Overwrite));
        foreach (var (from, to) in copies) Copy(from, to);
    }

    private CallInput CallInputOf(Node node, InputForm form, int index)
    {
        var input = node.Inputs[index];
        switch (form.Kind)
        {
            case InputKind.Host: return new HostInput(ScalarOf(input));
            case InputKind.Range:
                PositionRange.Is(input, out var start);
                return new RangeInput(start is null ? new HostConstant(0, DType.I32) : ScalarOf(start));
            case InputKind.Run: return new ViewInput(Run(input));
            default: return new ViewInput(Rows(input, Math.Min(form.Inner, input.Shape.Rank)));
        }
    }

    /// <summary>An input read as one run with one stride, which is 0 where every element is the same.</summary>
    private View Run(Node input)
    {
        var view = ViewOf(input);
        bool repeats = Enumerable.Range(0, view.Shape.Rank).All(a => view.Strides[a].IsZero || view.Shape[a].IsOne);
        return repeats || view.Collapse(0, view.Shape.Rank) is not null ? view : Contiguous(input);
    }

    private View ResultOf(Node node, CallRule rule, int index, ResultForm form, List<(View, Destination)> copies)
    {
        var to = DestinationOf(node, index);
        var type = node.Types[index];
        if (IsRows(to.View, Math.Min(form.Inner, type.Shape.Rank), form.Sequences ? 1 : 0) && (to.Mode == Accumulation.Overwrite || rule.Accumulates)) return to.View;
        var scratch = View.Whole(_program.AddScratch(NamesOf(node, index), type.DType, type.Shape));
        copies.Add((scratch, to));
        return scratch;
    }

    /// <summary>Where a result goes that takes the place of an input, if nothing else reads that input; else the input is copied there first.</summary>
    private View ResultInPlaceOf(Node node, int result, int input, ResultForm form, List<(View, Destination)> copies, out View read)
    {
        var source = node.Inputs[input];
        var view = ViewOf(source);
        bool free = !source.Root().IsParameter() && !IsResult(source.Root()) && AllReaders(source.Root()).All(r => r == node)
            && !_destinations.ContainsKey((node, result)) && IsRows(view, form.Inner);
        if (free)
        {
            read = view;
            var type = node.Types[result];
            var memory = new TensorBuffer(view.Buffer.Space, "", type.DType, view.Buffer.Shape, NamesOf(node, result), view.Buffer);
            return _values[(node, result)] = view with { Buffer = memory };
        }
        var to = DestinationOf(node, result);
        if (!IsRows(to.View, form.Inner) || to.Mode != Accumulation.Overwrite)
        {
            copies.Add((View.Whole(_program.AddScratch(NamesOf(node, result), node.Types[result].DType, node.Types[result].Shape)), to));
            to = new Destination(copies[copies.Count - 1].Item1, Accumulation.Overwrite);
        }
        Copy(view, new Destination(to.View, Accumulation.Overwrite));
        return read = to.View;
    }
}
