using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Loops;

/// <summary>A tensor in memory: element i of the shape stands at Offset + sum of i[k] * Strides[k]. Stride 0 repeats.</summary>
public sealed record View(Storage Storage, Polynomial Offset, Shape Shape, EquatableArray<Polynomial> Strides)
{
    public static View Whole(Storage buffer) => Contiguous(buffer, Polynomial.Zero, buffer.Shape);

    public static View Contiguous(Storage buffer, Polynomial offset, Shape shape) => new(buffer, offset, shape, ContiguousStrides(shape));

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

    /// <summary>The same memory in another shape of as many elements; null where no strides say so.</summary>
    public View? Reshape(Shape shape)
    {
        if (Shape.Equals(shape)) return this;
        if (IsContiguous) return Contiguous(Storage, Offset, shape);
        var strides = new Polynomial[shape.Rank];
        int old = Shape.Rank, next = shape.Rank;
        while (next > 0)
        {
            // From the right: the shortest runs of old and of new axes with the same product map onto each other.
            int oldEnd = old, newEnd = next;
            Polynomial oldCount = Polynomial.One, newCount = shape[--next];
            while (!oldCount.Equals(newCount))
            {
                if (old > 0 && (next == 0 || newCount.TryDivide(oldCount * Shape[old - 1]) is not null)) oldCount *= Shape[--old];
                else if (next > 0) newCount *= shape[--next];
                else return null;
            }
            if (Collapse(old, oldEnd) is not { } stride) return null;
            for (int axis = newEnd - 1; axis >= next; axis--)
            {
                strides[axis] = stride;
                stride *= shape[axis];
            }
        }
        return new View(Storage, Offset, shape, strides);
    }

    public View Transpose(IReadOnlyList<int> permutation) => new(Storage, Offset,
        new Shape(permutation.Select(p => Shape[p])), permutation.Select(p => Strides[p]).ToEquatableArray());

    public View Slice(int axis, Polynomial start, Polynomial length) =>
        this with { Offset = Offset + start * Strides[axis], Shape = Shape.With(axis, length) };

    /// <summary>Element <paramref name="index"/> of the first axis.</summary>
    public View At(Polynomial index) =>
        new(Storage, Offset + index * Strides[0], new Shape(Shape.Sizes.Skip(1)), Strides.Skip(1).ToEquatableArray());

    /// <summary>Repeated to a shape that it broadcasts to, as numpy does.</summary>
    public View Broadcast(Shape shape)
    {
        int missing = shape.Rank - Shape.Rank;
        return new View(Storage, Offset, shape, shape.Sizes.Select((size, axis) =>
            axis < missing || Shape[axis - missing].IsOne && !size.IsOne ? Polynomial.Zero : Strides[axis - missing]).ToEquatableArray());
    }

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
