using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>Where in its buffer a view is, in the buffer's own axes where that can be said.</summary>
internal static class ViewText
{
    /// <summary>"", "[layer]", "[:, Width:2 * Width]" or " + 3 * Width".</summary>
    public static string Place(View view)
    {
        if (Axes(view) is { } axes)
        {
            int last = axes.Count;
            while (last > 0 && axes[last - 1] == ":") last--;
            return last == 0 ? "" : $"[{string.Join(", ", axes.Take(last))}]";
        }
        return view.Offset.IsZero ? "" : $" + {view.Offset}";
    }

    /// <summary>" strides (1, Width)" where they follow neither from the shape nor from the buffer's axes.</summary>
    public static string Strides(View view) =>
        view.IsContiguous || Axes(view) is not null ? "" : $" strides ({string.Join(", ", view.Strides)})";

    /// <summary>An index, a range or ":" for each axis of the buffer; null where the view cuts across axes.</summary>
    private static IReadOnlyList<string>? Axes(View view)
    {
        var sizes = view.Buffer.Shape.Sizes;
        var strides = View.Whole(view.Buffer).Strides;
        if (view.IsContiguous)
        {
            // A run of whole inner axes, in whatever shape it is read.
            for (int outer = 0; outer <= sizes.Count; outer++)
                if (new Shape(sizes.Skip(outer)).Count.Equals(view.Shape.Count) && Starts(view.Offset, strides, outer) is { } indices)
                    return indices.Select(i => i.ToString()).Concat(sizes.Skip(outer).Select(_ => ":")).ToArray();
        }
        if (Starts(view.Offset, strides, sizes.Count) is not { } starts) return null;
        var axes = new string[sizes.Count];
        int next = 0;
        for (int axis = 0; axis < sizes.Count; axis++)
        {
            int left = sizes.Count - axis;
            bool taken = next < view.Shape.Rank && (view.Strides[next].Equals(strides[axis]) || view.Shape.Rank - next == left && view.Shape[next].IsOne);
            axes[axis] = !taken ? starts[axis].ToString()
                : starts[axis].IsZero && view.Shape[next].Equals(sizes[axis]) ? ":" : $"{starts[axis]}:{starts[axis] + view.Shape[next]}";
            if (taken) next++;
        }
        return next == view.Shape.Rank ? axes : null;
    }

    /// <summary>The offset as an index along each of the first axes; null where something is left.</summary>
    private static Polynomial[]? Starts(Polynomial offset, EquatableArray<Polynomial> strides, int axes)
    {
        var starts = new Polynomial[axes];
        for (int axis = 0; axis < axes; axis++) (starts[axis], offset) = offset.DivideTerms(strides[axis]);
        return offset.IsZero ? starts : null;
    }
}
