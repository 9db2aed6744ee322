using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Loops;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>Matrix products, and operations that write their own launches.</summary>
internal sealed partial class RegionLowering
{
    private void LowerMatMul(Node node, View? target, KernelInstance? epilogue)
    {
        bool transposeA = node.Attributes.Get("transposeA", false), transposeB = node.Attributes.Get("transposeB", false);
        var (a, b) = (node.Inputs[0], node.Inputs[1]);
        var to = target is null ? MatrixDestination(node, out var copyTo) : NoCopy(target, out copyTo);
        var (k, n) = (a.Shape[transposeA ? -2 : -1], node.Shape[-1]);
        string comment = $"{Naming.Of(node)} {node.Shape} = {Naming.Of(a)} {a.Shape}{(transposeA ? "^T" : "")} x {Naming.Of(b)} {b.Shape}{(transposeB ? "^T" : "")}"
            + (epilogue is null ? "" : $", then {epilogue.Type}");
        if (b.Shape.Rank == 2 && (!transposeA || a.Shape.Rank == 2))
        {
            var rowsA = AsRows(a);
            var m = transposeA ? a.Shape[-1] : new Shape(a.Shape.Sizes.Take(a.Shape.Rank - 1)).Count;
            _instructions.Add(new MatMulInstruction(1, m, n, k,
                Matrix(rowsA, transposeA, Polynomial.Zero), Matrix(AsMatrix(b), transposeB, Polynomial.Zero), Matrix(Flatten(to.View), false, Polynomial.Zero), to.Mode, epilogue, comment));
        }
        else
        {
            var (batchA, batchB, batchC) = (AsBatch(a), AsBatch(b), FlattenBatch(to.View)!);
            _instructions.Add(new MatMulInstruction(batchC.Shape[0], node.Shape[-2], n, k,
                Matrix(batchA.At(0), transposeA, batchA.Strides[0]), Matrix(batchB.At(0), transposeB, batchB.Strides[0]), Matrix(batchC.At(0), false, batchC.Strides[0]), to.Mode, epilogue, comment));
        }
        if (copyTo is not null) Copy(to.View, copyTo, $"{Naming.Of(node)} to its place");
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
        var scratch = View.Whole(_program.AddStorage(Naming.Of(node), DType.F32, node.Shape));
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
        view.Shape.Rank == 2 ? view : new View(view.Storage, view.Offset,
            new Shape(new Shape(view.Shape.Sizes.Take(view.Shape.Rank - 1)).Count, view.Shape[-1]),
            new[] { LowerCall.RowStride(view), Polynomial.One });

    private View AsBatch(Node node) => FlattenBatch(ViewOf(node)) is { } batch && HasUnitStride(batch) ? batch : FlattenBatch(Contiguous(node))!;

    /// <summary>[batch, rows, columns], or null where the leading axes are no run; one matrix alone is the same for every batch.</summary>
    private static View? FlattenBatch(View view)
    {
        int rank = view.Shape.Rank;
        if ((rank == 2 ? Polynomial.Zero : view.Collapse(0, rank - 2)) is not { } stride) return null;
        return new View(view.Storage, view.Offset,
            new Shape(new Shape(view.Shape.Sizes.Take(rank - 2)).Count, view.Shape[-2], view.Shape[-1]),
            new[] { stride, view.Strides[rank - 2], view.Strides[rank - 1] });
    }

    private void LowerCallOf(Node node)
    {
        var call = new Call(this, node);
        if (!node.Operation.Lower(call)) throw new NotSupportedException($"{node.Operation.Name} has no lowering");
        call.Finish();
    }

    private sealed class Call(RegionLowering region, Node node) : LowerCall
    {
        private readonly List<(View From, Destination To)> _copies = [];

        public override Node Node => node;

        public override View Input(int index, int inner) => region.Rows(node.Inputs[index], inner);

        public override View Result(int index, int inner, bool sequences)
        {
            var to = region.DestinationOf(node, index);
            if (IsRows(to.View, inner, sequences ? 1 : 0) && (to.Mode == Accumulation.Overwrite || node.Operation.Accumulates)) return to.View;
            var type = node.Types[index];
            var scratch = View.Whole(region._program.AddStorage(Naming.Of(node), type.DType, type.Shape));
            _copies.Add((scratch, to));
            return scratch;
        }

        public override View Append(int input)
        {
            var rows = region.NewRows(node, input);
            var made = region.ViewOf(node.Inputs[input]);
            if (!made.Equals(rows)) region.Copy(made, new Destination(rows, Accumulation.Overwrite), $"{Naming.Of(node.Inputs[input])} into the cache");
            return region.Cached(node, input);
        }

        public override Accumulation Accumulation => region.DestinationOf(node).Mode;

        public override string Scalar(int index) => node.Inputs[index].IsHostScalar() ? region.ScalarText(node.Inputs[index])
            : throw new NotSupportedException($"{node.Operation.Name}: input {index} must be known before the launch");

        public override Polynomial ScalarSize(int index) => region.ScalarSize(node.Inputs[index]);

        public override string? TryScalar(Node scalar) => scalar.IsHostScalar() ? region.ScalarText(scalar) : null;

        public override (View View, Polynomial Stride) Run(int index)
        {
            var view = region.ViewOf(node.Inputs[index]);
            if (Enumerable.Range(0, view.Shape.Rank).All(a => view.Strides[a].IsZero || view.Shape[a].IsOne)) return (view, Polynomial.Zero);
            if (view.Collapse(0, view.Shape.Rank) is { } stride) return (view, stride);
            return (region.Contiguous(node.Inputs[index]), Polynomial.One);
        }

        public override View ResultInPlaceOf(int result, int input, int inner)
        {
            var source = node.Inputs[input];
            var view = region.ViewOf(source);
            bool free = !source.Root().IsParameter() && !region.IsResult(source.Root()) && region.AllReaders(source.Root()).All(r => r == node)
                && !region._destinations.ContainsKey((node, result)) && IsRows(view, inner);
            if (free) return region._values[(node, result)] = view;
            var to = Result(result, inner, sequences: false);
            region.Copy(view, new Destination(to, Accumulation.Overwrite), $"{Naming.Of(source)}, to be overwritten");
            return to;
        }

        public override View Scratch(string name, Shape shape) => View.Whole(region._program.AddStorage(name, DType.F32, shape));

        public override void Launch(string type, Polynomial grid, params Field[] fields) =>
            region._instructions.Add(new LaunchInstruction(new KernelInstance(type, fields), grid, Comment));

        public override void LaunchRows(string type, params Field[] fields) =>
            region._instructions.Add(new LaunchInstruction(new KernelInstance(type, fields), null, Comment));

        public override void Device(string method, params KernelInstance[] arguments) =>
            region._instructions.Add(new DeviceInstruction(method, arguments, Comment));

        private string Comment => $"{Naming.Of(node)} {node.Types[0].Shape} = {node.Operation.Name}({string.Join(", ", node.Inputs.Select(i => i.IsHostScalar() ? region.ScalarText(i) : Naming.Of(i)))})";

        public void Finish()
        {
            foreach (var (from, to) in _copies) region.Copy(from, to, "to its place");
        }
    }
}
