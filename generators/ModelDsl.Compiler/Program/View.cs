using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>A tensor in memory: element i of the shape stands at Offset + sum of i[k] * Strides[k]. Stride 0 repeats.</summary>
public sealed record View(TensorBuffer Buffer, Polynomial Offset, Shape Shape, EquatableArray<Polynomial> Strides)
{
    public static View Whole(TensorBuffer buffer) => Contiguous(buffer, Polynomial.Zero, buffer.Shape);

    public static View Contiguous(TensorBuffer buffer, Polynomial offset, Shape shape) => new(buffer, offset, shape, ContiguousStrides(shape));

    public bool IsContiguous => Collapse(0, Shape.Rank) is { IsOne: true };

    /// <summary>
    /// The one stride that axes [from, to) have when read as a single axis, or null where they have none. Axes of size 1
    /// do not count; no axes have stride 1.
    /// </summary>
    public Polynomial? Collapse(int from, int to)
    {
        Polynomial? stride = null;
        var extent = Polynomial.One;
        for (int axis = to - 1; axis >= from; axis--)
        {
            if (Shape[axis].IsOne) continue;
            if (stride is null) stride = Strides[axis];
            else if (!Strides[axis].Equals(stride * extent)) return null;
            extent *= Shape[axis];
        }
        return stride ?? Polynomial.One;
    }

    /// <summary>Elements from one row to the next, where the last <paramref name="inner"/> axes are a row and the others one run.</summary>
    public Polynomial RowStride(int inner = 1) => Shape.Rank == inner ? Shape.Count : Collapse(0, Shape.Rank - inner)!;

    /// <summary>The same memory in another shape of as many elements; null where no strides say so.</summary>
    public View? Reshape(Shape shape)
    {
        if (Shape.Equals(shape)) return this;
        if (IsContiguous) return Contiguous(Buffer, Offset, shape);
        var strides = new Polynomial[shape.Rank];
        int old = Shape.Rank, next = shape.Rank;
        while (next > 0)
        {
            // From the right: the shortest runs of new and of old axes with the same product map onto each other.
            int oldEnd = old, newEnd = next;
            var newCount = Polynomial.One;
            do
            {
                if (next == 0) return null;
                newCount *= shape[--next];
                old = RunOf(newCount, oldEnd);
            }
            while (old < 0);
            if (Collapse(old, oldEnd) is not { } stride) return null;
            for (int axis = newEnd - 1; axis >= next; axis--)
            {
                strides[axis] = stride;
                stride *= shape[axis];
            }
        }
        return new View(Buffer, Offset, shape, strides);
    }

    /// <summary>Where the run of axes that ends at <paramref name="end"/> and has this many elements begins; -1 where none has.</summary>
    private int RunOf(Polynomial count, int end)
    {
        var product = Polynomial.One;
        for (int axis = end; ; product *= Shape[--axis])
        {
            if (product.Equals(count)) return axis;
            if (axis == 0) return -1;
        }
    }

    public View Transpose(IReadOnlyList<int> permutation) => new(Buffer, Offset,
        new Shape(permutation.Select(p => Shape[p])), permutation.Select(p => Strides[p]).ToEquatableArray());

    public View Slice(int axis, Polynomial start, Polynomial length) =>
        this with { Offset = Offset + start * Strides[axis], Shape = Shape.With(axis, length) };

    /// <summary>Element <paramref name="index"/> of the first axis.</summary>
    public View At(Polynomial index) =>
        new(Buffer, Offset + index * Strides[0], new Shape(Shape.Sizes.Skip(1)), Strides.Skip(1).ToEquatableArray());

    /// <summary>Repeated to a shape that it broadcasts to, as numpy does.</summary>
    public View Broadcast(Shape shape)
    {
        int missing = shape.Rank - Shape.Rank;
        return new View(Buffer, Offset, shape, shape.Sizes.Select((size, axis) =>
            axis < missing || Shape[axis - missing].IsOne && !size.IsOne ? Polynomial.Zero : Strides[axis - missing]).ToEquatableArray());
    }

    /// <summary>With an axis of one more at the end.</summary>
    public View Expand() => new(Buffer, Offset, new Shape(Shape.Sizes.Append(Polynomial.One)), Strides.Append(Polynomial.One).ToEquatableArray());

    private static EquatableArray<Polynomial> ContiguousStrides(Shape shape)
    {
        var strides = new Polynomial[shape.Rank];
        var stride = Polynomial.One;
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }
        return strides;
    }
}
