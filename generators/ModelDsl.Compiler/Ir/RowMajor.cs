namespace ModelDsl.Compiler.Ir;

/// <summary>Index arithmetic of dense row-major arrays, for interpretation.</summary>
public static class RowMajor
{
    public static int Count(IReadOnlyList<long> shape) => (int)shape.Aggregate(1L, (product, size) => product * size);

    public static long[] Strides(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        long stride = 1;
        for (int i = shape.Count - 1; i >= 0; stride *= shape[i], i--) strides[i] = stride;
        return strides;
    }

    /// <summary>For each element of a shape, in order, where it is read with these strides.</summary>
    public static int[] Places(IReadOnlyList<long> shape, IReadOnlyList<long> strides, long offset = 0)
    {
        var places = new int[Count(shape)];
        var index = new long[shape.Count];
        long place = offset;
        for (int e = 0; e < places.Length; e++)
        {
            places[e] = (int)place;
            for (int axis = shape.Count - 1; axis >= 0; axis--)
            {
                place += strides[axis];
                if (++index[axis] < shape[axis]) break;
                place -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }
        return places;
    }

    /// <summary>For each element of <paramref name="to"/>, the element of <paramref name="from"/> that broadcasting repeats there.</summary>
    public static int[] Broadcast(IReadOnlyList<long> from, IReadOnlyList<long> to)
    {
        var strides = Strides(from);
        int lead = to.Count - from.Count;
        return Places(to, to.Select((_, axis) => axis < lead || from[axis - lead] == 1 ? 0 : strides[axis - lead]).ToArray());
    }
}
