using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Ir;

/// <summary>What an operation that is no part of a generated kernel needs to write its own launch.</summary>
public abstract class LowerCall
{
    public abstract Node Node { get; }

    /// <summary>Where an input stands: its last <paramref name="inner"/> axes contiguous, the others one run of rows.</summary>
    public abstract View Input(int index, int inner = 1);

    /// <summary>Where a result goes, in the same form.</summary>
    /// <param name="sequences">The first axis may have a stride of its own.</param>
    public abstract View Result(int index = 0, int inner = 1, bool sequences = false);

    /// <summary>Brings an input of an attention into its cache; the whole of what the cache then holds of the layer: [B, Room, heads, width].</summary>
    public abstract View Append(int input);

    /// <summary>How result 0 is taken; asked for by operations that say <see cref="Operation.Accumulates"/>.</summary>
    public abstract Accumulation Accumulation { get; }

    /// <summary>A rank-0 input as C#.</summary>
    public abstract string Scalar(int index);

    /// <summary>A rank-0 integer as part of a size.</summary>
    public abstract Polynomial ScalarSize(int index);

    /// <summary>A rank-0 node as C#, or null where the host does not know it.</summary>
    public abstract string? TryScalar(Node node);

    /// <summary>An input read as one run with one stride, which is 0 where every element is the same.</summary>
    public abstract (View View, Polynomial Stride) Run(int index);

    /// <summary>Where a result goes that may take the place of an input, if nothing else reads that input.</summary>
    public abstract View ResultInPlaceOf(int result, int input, int inner = 1);

    /// <summary>Memory for the length of this launch.</summary>
    public abstract View Scratch(string name, Shape shape);

    public abstract void Launch(string type, Polynomial grid, params Field[] fields);

    /// <summary>A launch of a kernel of the runtime that says itself, as Type.Rows, how many rows its fields ask for.</summary>
    public abstract void LaunchRows(string type, params Field[] fields);

    public abstract void Device(string method, params KernelInstance[] arguments);

    /// <summary>Elements from one row to the next of a view that <see cref="Input"/> or <see cref="Result"/> gave.</summary>
    public static Polynomial RowStride(View view, int inner = 1) =>
        view.Shape.Rank == inner ? view.Shape.Count : view.Collapse(0, view.Shape.Rank - inner)!;

    public static Field Pointer(string name, View view) => new(name, new PointerField(view));
    public static Field Null(string name) => new(name, new NullField());
    public static Field Size(string name, Polynomial value) => new(name, new SizeField(value));
    public static Field Long(string name, Polynomial value) => new(name, new SizeField(value, Wide: true));
    public static Field Text(string name, string text) => new(name, new TextField(text));
    public static Field Accumulate(Accumulation mode) => new("Accumulate", new AccumulateField(mode));
}
