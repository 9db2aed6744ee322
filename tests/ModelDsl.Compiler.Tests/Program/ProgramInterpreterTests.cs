using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Tests.Support;
using static ModelDsl.Compiler.Tests.Program.LayersOfTanh;

namespace ModelDsl.Compiler.Tests.Program;

public class ProgramInterpreterTests
{
    private const int Rows = 5, Columns = 3, LayerCount = 3;
    private static readonly Dictionary<string, long> Sizes = new() { ["B"] = Rows, ["Width"] = Columns, ["Layers"] = LayerCount };

    /// <summary>Sums of a handful of products in another order, through three layers.</summary>
    private const double Roundings = 100;

    private readonly Dictionary<string, double[]> _values = new() { ["X"] = Numbers(Rows * Columns, 1), ["Weight"] = Numbers(LayerCount * Columns * Columns, 2) };

    [Fact]
    public void LoopsCarriesProductsEpiloguesAndChunksMeanWhatTheySay()
    {
        ProgramVerifier.Verify(Whole);
        var interpreter = new ProgramInterpreter(Sizes, new Dictionary<string, double>(), _values);
        Near.Check("y", Expected(), interpreter.Run(Whole)["y"], Roundings);
        double[] sums = Enumerable.Range(0, Columns).Select(c => Enumerable.Range(0, Rows).Sum(r => Expected()[r * Columns + c])).ToArray();
        Near.Check("gradient", sums, interpreter.Gradients["Bias"], Roundings);
        interpreter.Run(Whole, firstMicroStep: false);
        Near.Check("twice the gradient", sums.Select(s => 2 * s).ToArray(), interpreter.Gradients["Bias"], Roundings);
        interpreter.Run(Whole);
        Near.Check("begun anew", sums, interpreter.Gradients["Bias"], Roundings);
    }

    [Fact]
    public void AResultMayTakeTheMemoryOfAnInput()
    {
        var twice = new TensorBuffer(Space.Scratch, "", DType.F32, Y.Shape, new BufferOrigin(new[] { "twice" }), inPlaceOf: Y);
        var twiceTanh = MakeKernel("TwiceKernel", [MakeOperand("Y"), MakeOperand("Twice", written: true)],
            new Let(0, PerRow: false, new Load(0, PerRow: false), DType.F32),
            new Let(1, PerRow: false, new Apply(OperationTable.Get<Add>(), new[] { 0, 0 }), DType.F32),
            new Store(1, 1, PerRow: false, Accumulate: false));
        var entry = Of([Begin, Loop, End, Launch(twiceTanh, View.Whole(Y), View.Whole(twice))], new(Carry, 0, 3), new(Y, 3, 4)) with { Results = new[] { new EntryResult("y", View.Whole(twice)) } };
        ProgramVerifier.Verify(entry);
        Assert.Contains("scratch twice f32[B, Width] in the place of y", ProgramText.Print(entry));
        Near.Check("y", Expected().Select(v => 2 * v).ToArray(), Run(entry), Roundings);
    }

    [Fact]
    public void AReadOfWhatNothingHasWrittenNamesStepAndPlace()
    {
        var half = Begin with { Kernel = Begin.Kernel with { Sizes = new[] { B - 1, Width } }, Grid = B - 1 };
        Assert.Equal("step 1: layers [2, B, Width] is read at 12, where nothing has been written",
            Assert.Throws<InvalidOperationException>(() => Run(Of([half, Loop, End, PartialLaunch, AddUp]))).Message);
    }

    [Fact]
    public void MemoryIsAnothersOutsideItsLifetime() =>
        Assert.Equal("step 3: layers [2, B, Width] is read at 15, where nothing has been written",
            Assert.Throws<InvalidOperationException>(() => Run(Of([Begin, Loop, End, PartialLaunch, AddUp], new(Carry, 0, 2), new(Y, 3, 5), new(Partials, 4, 5)))).Message);

    [Fact]
    public void AnAccessOutsideABufferNamesIt()
    {
        var far = End with { Kernel = End.Kernel with { Views = new[] { CarryAt("Last"), View.Whole(Y) with { Offset = 1 } } } };
        Assert.Equal("step 3: y [B, Width] of 15 elements is accessed at 15",
            Assert.Throws<InvalidOperationException>(() => Run(Of([Begin, Loop, far, PartialLaunch, AddUp]))).Message);
    }

    [Fact]
    public void ALoopBodysOwnMemoryIsPoisonedInEachIteration()
    {
        // Written in the first iteration alone, read in every one: the view is of element layer, which only layer 0 writes.
        var once = Buffer(Space.Scratch, "once", "", Depth, B, Width);
        var write = Launch(Map("CopyKernel"), View.Whole(X), View.Whole(once).At(0));
        var read = Launch(Map("CopyKernel"), View.Whole(once).At(Polynomial.Symbol("layer")), View.Whole(Y));
        var loop = new LoopStep("layer", Depth, false, false, new Step[] { write, read }, "Blocks");
        var entry = new Entry("Forward", new Step[] { loop }, new Lifetime[] { new(once, 0, 1), new(Y, 0, 2) }, new[] { new EntryResult("y", View.Whole(Y)) }, []);
        Assert.StartsWith("step 1: once", Assert.Throws<InvalidOperationException>(() => Run(entry)).Message);
    }

    [Fact]
    public void HostExpressionsAreOperationsOnScalars()
    {
        var scale = new HostApply(OperationTable.Get<Mul>(), new HostExpression[]
        {
            new HostSymbol("Eps", DType.F32), new HostApply(OperationTable.Get<Cast>(), new HostExpression[] { new HostSize(Width - 1) }, DType.F32),
        }, DType.F32);
        Assert.Equal("mul(Eps, f32(Width - 1))", ProgramText.Text(scale));
        var fill = new Kernel("FillKernel", new[] { MakeOperand("Destination", written: true) }, new[] { "Rows", "Columns" }, new[] { new ScalarParameter("Value", DType.F32) },
            new KernelStatement[] { new Let(0, PerRow: true, new ScalarValue(0), DType.F32), new ColumnLoop(new KernelStatement[] { new Store(0, 0, PerRow: false, Accumulate: false) }) },
            Accumulates: false, Chunked: false);
        var entry = new Entry("Forward", new Step[] { new LaunchStep(MakeCall(fill, [View.Whole(Y)]) with { Scalars = new HostExpression[] { scale } }, B) },
            new Lifetime[] { new(Y, 0, 0) }, new[] { new EntryResult("y", View.Whole(Y)) }, []);
        ProgramVerifier.Verify(entry);
        Assert.All(new ProgramInterpreter(Sizes, new Dictionary<string, double> { ["Eps"] = 0.25 }, _values).Run(entry)["y"], v => Assert.Equal(0.5, v));
    }

    [Fact]
    public void RowsAndColumnsMayBeStridedRepeatedAndPerRow()
    {
        // y[row, column] = x[column, row / 1] transposed through strides, times the largest of its row.
        var source = new Operand("Source", DType.F32, new[] { new RowStep("", "", "") }, ColumnKind.Strided, "Stride", Shape.Scalar, Written: false);
        var kernel = new Kernel("ScaledKernel", new[] { source, MakeOperand("Destination", written: true) }, new[] { "Rows", "Columns", "Stride" }, [],
            new KernelStatement[]
            {
                new ColumnLoop(new KernelStatement[] { new Let(0, false, new Load(0, false), DType.F32), new Reduce(1, Maximum: true, 0) }),
                new ColumnLoop(new KernelStatement[]
                {
                    new Let(2, false, new Load(0, false), DType.F32), new Let(3, false, new Apply(OperationTable.Get<Mul>(), new[] { 2, 1 }), DType.F32), new Store(1, 3, false, false),
                }),
            }, Accumulates: false, Chunked: false);
        var call = new KernelCall(kernel, new[] { View.Whole(X), View.Whole(Y) }, new[] { Width, B, Width }, [], Accumulation.Overwrite);
        var entry = new Entry("Forward", new Step[] { new LaunchStep(call, Width) }, new Lifetime[] { new(Y, 0, 0) }, new[] { new EntryResult("y", View.Whole(Y)) }, []);
        ProgramVerifier.Verify(entry);
        double[] x = _values["X"], y = Run(entry);
        for (int row = 0; row < Columns; row++)
        {
            double largest = Enumerable.Range(0, Rows).Max(c => x[c * Columns + row]);
            for (int column = 0; column < Rows; column++) Assert.Equal(x[column * Columns + row] * largest, y[row * Rows + column]);
        }
    }

    private double[] Run(Entry entry) => new ProgramInterpreter(Sizes, new Dictionary<string, double>(), _values).Run(entry)["y"];

    private double[] Expected()
    {
        double[] x = _values["X"], w = _values["Weight"];
        for (int layer = 0; layer < LayerCount; layer++)
        {
            var next = new double[x.Length];
            for (int row = 0; row < Rows; row++)
                for (int column = 0; column < Columns; column++)
                    next[row * Columns + column] = Math.Tanh(Enumerable.Range(0, Columns).Sum(k => x[row * Columns + k] * w[(layer * Columns + k) * Columns + column]));
            x = next;
        }
        return x;
    }

    private static double[] Numbers(int count, int seed)
    {
        var random = new System.Random(seed);
        return Enumerable.Range(0, count).Select(_ => 2 * random.NextDouble() - 1).ToArray();
    }
}
