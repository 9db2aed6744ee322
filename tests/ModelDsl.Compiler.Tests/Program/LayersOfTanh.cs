using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Tests.Program;

/// <summary>
/// A small entry built by hand, and its parts to make wrong ones of: x of every layer is tanh(x w[layer]), kept in two slots
/// that take turns; then the sum over rows in chunks, added to a gradient.
/// </summary>
internal static class LayersOfTanh
{
    public static readonly Polynomial B = Polynomial.Symbol("B"), Width = Polynomial.Symbol("Width"), Depth = Polynomial.Symbol("Layers"), Chunks = 4;

    public static readonly TensorBuffer X = Buffer(Space.Input, "x", "X", B, Width);
    public static readonly TensorBuffer Weights = Buffer(Space.Weight, "weight", "Weight", Depth, Width, Width);
    public static readonly TensorBuffer BiasGradient = Buffer(Space.Gradient, "dBias", "Bias", Width);
    public static readonly TensorBuffer Carry = Buffer(Space.Scratch, "layers", "", 2, B, Width);
    public static readonly TensorBuffer Y = Buffer(Space.Scratch, "y", "", B, Width);
    public static readonly TensorBuffer Partials = Buffer(Space.Scratch, "biasPartial", "", Chunks, Width);

    public static TensorBuffer Buffer(Space space, string name, string source, params Polynomial[] sizes) =>
        new(space, source, DType.F32, new Shape(sizes), new BufferOrigin(new[] { name }));

    public static View CarryAt(string which) => View.Whole(Carry).At(Polynomial.Symbol("layer" + which));

    public static LaunchStep Begin => Launch(Map("CopyKernel"), View.Whole(X), CarryAt("First"));

    public static MatMulStep Product => new(1, B, Width, Width, MakeMatrix(CarryAt("Here")), MakeMatrix(View.Whole(Weights).At(Polynomial.Symbol("layer"))),
        MakeMatrix(CarryAt("Next")), Accumulation.Overwrite, MakeCall(InPlace, [CarryAt("Next")]));

    public static LoopStep Loop => new("layer", Depth, Reverse: false, KeepsCarries: false, new Step[] { Product }, "Blocks");

    public static LaunchStep End => Launch(Map("CopyKernel"), CarryAt("Last"), View.Whole(Y));

    public static LaunchStep PartialLaunch => new(MakeCall(PartialSums, [View.Whole(Y), View.Whole(Partials)]), Chunks);

    public static CallStep AddUp => new(SumOfRows, new CallInput[] { new ViewInput(View.Whole(Partials)) }, new[] { View.Whole(BiasGradient) }, [], [], Accumulation.FromSecondMicroStep);

    public static Entry Whole => Of([Begin, Loop, End, PartialLaunch, AddUp]);

    /// <summary>Steps 0, 1 in the loop that ends with 2, then one by one.</summary>
    public static Entry Of(Step[] steps, params Lifetime[] scratch) => new("Train", steps,
        scratch.Length > 0 ? scratch : Lifetimes, new[] { new EntryResult("y", View.Whole(Y)) }, []);

    public static Lifetime[] Lifetimes => [new(Carry, 0, 3), new(Y, 3, 5), new(Partials, 4, 5)];

    public static Kernel InPlace => MakeKernel("TanhKernel",
        [MakeOperand("X", written: true)],
        new Let(0, PerRow: false, new Load(0, PerRow: false), DType.F32),
        new Let(1, PerRow: false, new Apply(OperationTable.Get<Tanh>(), new[] { 0 }), DType.F32),
        new Store(0, 1, PerRow: false, Accumulate: false));

    public static Kernel PartialSums => MakeKernel("PartialSumsKernel",
        [MakeOperand("X"), new Operand("Sums", DType.F32, [], ColumnKind.Contiguous, "", Shape.Scalar, Written: true, Partial: true)],
        new Let(0, PerRow: false, new Load(0, PerRow: false), DType.F32),
        new AddToPartial(1, 0)) with
    { Chunked = true };

    public static Kernel Map(string name) => MakeKernel(name,
        [MakeOperand("Source"), MakeOperand("Destination", written: true)],
        new Let(0, PerRow: false, new Load(0, PerRow: false), DType.F32),
        new Store(1, 0, PerRow: false, Accumulate: false));

    /// <summary>One loop over the columns.</summary>
    public static Kernel MakeKernel(string name, Operand[] operands, params KernelStatement[] loop) =>
        new(name, operands, new[] { "Rows", "Columns" }, [], new KernelStatement[] { new ColumnLoop(loop) }, Accumulates: false, Chunked: false);

    public static Operand MakeOperand(string name, bool written = false) =>
        new(name, DType.F32, new[] { new RowStep("", "", "Columns") }, ColumnKind.Contiguous, "", Shape.Scalar, written);

    public static LaunchStep Launch(Kernel kernel, params View[] views) => new(MakeCall(kernel, views), B);

    public static KernelCall MakeCall(Kernel kernel, View[] views, Accumulation accumulation = Accumulation.Overwrite) =>
        new(kernel, views, new[] { B, Width }, [], accumulation);

    public static MatrixOperand MakeMatrix(View view) => new(view, Polynomial.Zero, view.Strides[0], Transposed: false);

    private static Node SumOfRows
    {
        get
        {
            var graph = new Graph();
            return graph.Parameter("partials", ParameterKind.Input, new TensorType(DType.F32, Partials.Shape)).Sum(0, keep: false);
        }
    }
}
