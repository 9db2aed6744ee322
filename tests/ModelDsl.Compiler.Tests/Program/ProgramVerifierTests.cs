using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;
using static ModelDsl.Compiler.Tests.Program.LayersOfTanh;

namespace ModelDsl.Compiler.Tests.Program;

/// <summary>An entry that holds, and for each rule one that breaks it and is told so.</summary>
public class ProgramVerifierTests
{
    [Fact]
    public void AnEntryThatHoldsPasses() => ProgramVerifier.Verify(Whole);

    public static TheoryData<string, string> Broken
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (what, wrong) in Wrong) data.Add(what, wrong.Problem);
            return data;
        }
    }

    [Theory, MemberData(nameof(Broken))]
    public void WhatDoesNotHoldIsSaid(string what, string problem)
    {
        var message = Assert.Throws<InvalidOperationException>(() => ProgramVerifier.Verify(Wrong[what].Entry())).Message;
        Assert.StartsWith("invalid entry ", message);
        Assert.Contains(problem, message);
    }

    [Fact]
    public void EveryProblemIsNamedAtOnce()
    {
        string message = Assert.Throws<InvalidOperationException>(() => ProgramVerifier.Verify(Of([Loop, Launch(Map("CopyKernel"), View.Whole(Y), View.Whole(X))]))).Message;
        Assert.Contains("step 0 reads layers, which nothing has written", message);
        Assert.Contains("step 2 writes the input x", message);
    }

    [Fact]
    public void NamesMayBeTheSameUntilTheyAreGiven()
    {
        var other = Buffer(Space.Scratch, "y", "", B, Width);
        var entry = Of([Begin, Loop, End, PartialLaunch, AddUp, Launch(Map("CopyKernel"), View.Whole(Y), View.Whole(other))],
            new(Carry, 0, 3), new(Y, 3, 6), new(Partials, 4, 5), new(other, 6, 6));
        ProgramVerifier.Verify(entry, named: false);
        Assert.Contains("2 buffers of one method are named 'y'", Assert.Throws<InvalidOperationException>(() => ProgramVerifier.Verify(entry)).Message);
    }

    private static readonly Dictionary<string, (string Problem, Func<Entry> Entry)> Wrong = new()
    {
        ["scratch that nothing writes"] = ("step 0 reads layers, which nothing has written", () => Of([Loop, End, PartialLaunch, AddUp], new(Carry, 0, 2), new(Y, 2, 4), new(Partials, 3, 4))),
        ["a first layer without its carry"] = ("layers at layerHere, but nothing has written it at layerFirst",
            () => Of([Launch(Map("CopyKernel"), View.Whole(X), CarryAt("Last")), Loop, End, PartialLaunch, AddUp])),
        ["a carry that no layer passes on"] = ("the layers of layer read layers from the layer before, but none writes it for the next",
            () => Of([Begin, Loop with { Body = new Step[] { Launch(Map("CopyKernel"), CarryAt("Here"), View.Whole(Y)) } }, End, PartialLaunch, AddUp], new(Carry, 0, 3), new(Y, 1, 5), new(Partials, 4, 5))),
        ["a layer's index outside its loop"] = ("step 3 uses layerHere outside its loop", () => Of([Begin, Loop, Launch(Map("CopyKernel"), CarryAt("Here"), View.Whole(Y)), PartialLaunch, AddUp])),
        ["a value whose memory another has taken"] = ("step 5 reads y, whose memory taken has taken", () =>
        {
            var taken = new TensorBuffer(Space.Scratch, "", DType.F32, Y.Shape, new BufferOrigin(new[] { "taken" }), inPlaceOf: Y);
            return Of([Begin, Loop, End, Launch(Map("CopyKernel"), View.Whole(X), View.Whole(taken)), Launch(Map("CopyKernel"), View.Whole(Y), View.Whole(Carry).At(0))],
                new(Carry, 0, 5), new(Y, 3, 5));
        }
        ),
        ["a use after the lifetime"] = ("step 3 uses layers, which lives in steps 0 to 2", () => Of([Begin, Loop, End, PartialLaunch, AddUp], new(Carry, 0, 2), new(Y, 3, 5), new(Partials, 4, 5))),
        ["a use without a lifetime"] = ("step 4 uses biasPartial, which has no lifetime", () => Of([Begin, Loop, End, PartialLaunch, AddUp], new(Carry, 0, 3), new(Y, 3, 5))),
        ["a lifetime that ends within a loop"] = ("y goes through the loop layer, steps 1 to 3, but lives in steps 0 to 2", () => Of(
            [Launch(Map("CopyKernel"), View.Whole(X), View.Whole(Y)), Loop with { Body = new Step[] { Launch(Map("CopyKernel"), View.Whole(Y), View.Whole(Carry).At(0)), Product } }],
            new(Y, 0, 2), new(Carry, 1, 2))),
        ["a result that dies"] = ("the result y does not live to the end", () => Of([Begin, Loop, End, PartialLaunch, AddUp], new(Carry, 0, 3), new(Y, 3, 4), new(Partials, 4, 5))),
        ["two lifetimes"] = ("biasPartial has 2 lifetimes", () => Of([Begin, Loop, End, PartialLaunch, AddUp], [.. Lifetimes, new(Partials, 4, 5)])),
        ["a write to a weight"] = ("step 0 writes the weight weight", () => Of([Launch(Map("CopyKernel"), View.Whole(X), View.Whole(Weights).At(0)), Begin, Loop, End], new(Carry, 1, 4), new(Y, 4, 4))),
        ["a gradient that is never begun"] = ("step 5 adds to dBias, which nothing begins", () => Of([Begin, Loop, End, PartialLaunch, AddUp with { Accumulation = Accumulation.Always }])),
        ["a gradient that is begun twice"] = ("step 6 overwrites dBias, which a step before has added to",
            () => Of([Begin, Loop, End, PartialLaunch, AddUp, AddUp], new(Carry, 0, 3), new(Y, 3, 6), new(Partials, 4, 6))),
        ["micro-steps of what is no gradient"] = ("step 1 adds to layers, which is scratch",
            () => Of([Begin, Loop with { Body = new Step[] { Product with { Accumulation = Accumulation.FromSecondMicroStep } } }, End, PartialLaunch, AddUp])),
        ["a view beyond its buffer"] = ("step 3: y[1:B + 1] [B, Width] ends Width elements beyond y [B, Width]",
            () => Of([Begin, Loop, Launch(Map("CopyKernel"), CarryAt("Last"), View.Whole(Y) with { Offset = Width }), PartialLaunch, AddUp])),
        ["a layer too many"] = ("ends Width * Width elements beyond weight",
            () => Of([Begin, Loop with { Body = new Step[] { Product with { B = MakeMatrix(View.Whole(Weights).At(Polynomial.Symbol("layer") + 1)) } } }, End, PartialLaunch, AddUp])),
        ["a matrix too high"] = ("ends B * Width elements beyond x", () => Of([Begin, Loop, End, PartialLaunch, AddUp,
            Product with { M = 2 * B, A = MakeMatrix(View.Whole(X)), B = MakeMatrix(View.Whole(Weights).At(0)), C = MakeMatrix(View.Whole(Y)), Epilogue = null }],
            new(Carry, 0, 3), new(Y, 3, 6), new(Partials, 4, 5))),
        ["strides that do not fit"] = ("y [B, Width] has 1 strides", () => Of([Begin, Loop, Launch(Map("CopyKernel"), CarryAt("Last"), View.Whole(Y) with { Strides = new Polynomial[] { 1 } }), PartialLaunch, AddUp])),
        ["a grid that is not the rows"] = ("step 0 launches CopyKernel over 2 rows, but its Rows is B", () => Of([Begin with { Grid = 2 }, Loop, End, PartialLaunch, AddUp])),
        ["too few operands"] = ("step 0 gives CopyKernel 1 views for 2 operands", () => Of([Begin with { Kernel = Begin.Kernel with { Views = new[] { View.Whole(X) } } }, Loop, End, PartialLaunch, AddUp])),
        ["too few sizes"] = ("step 0 gives CopyKernel 1 values for 2 sizes", () => Of([Begin with { Kernel = Begin.Kernel with { Sizes = new[] { B } } }, Loop, End, PartialLaunch, AddUp])),
        ["a scalar too many"] = ("step 0 gives CopyKernel 1 values for 0 scalars",
            () => Of([Begin with { Kernel = Begin.Kernel with { Scalars = new HostExpression[] { new HostConstant(1, DType.F32) } } }, Loop, End, PartialLaunch, AddUp])),
        ["another type"] = ("step 0 gives CopyKernel tokens of i32 for Source of f32",
            () => Of([Launch(Map("CopyKernel"), View.Whole(new TensorBuffer(Space.Input, "Tokens", DType.I32, new Shape(B, Width), new BufferOrigin(new[] { "tokens" }))), CarryAt("First")), Loop, End, PartialLaunch, AddUp])),
        ["an epilogue that sums"] = ("the epilogue SumKernel sums, but sees a piece of the product at a time", () => Of(
            [Begin, Loop with { Body = new Step[] { Product with { Epilogue = MakeCall(MakeKernel("SumKernel", [MakeOperand("X")], new Let(0, false, new Load(0, false), DType.F32), new Reduce(1, false, 0)), [CarryAt("Next")]) } } }, End, PartialLaunch, AddUp])),
        ["an epilogue of other sizes"] = ("the epilogue TanhKernel is over [1, Width], the product is [B, Width]",
            () => Of([Begin, Loop with { Body = new Step[] { Product with { Epilogue = Product.Epilogue! with { Sizes = new[] { Polynomial.One, Width } } } } }, End, PartialLaunch, AddUp])),
        ["a kernel that cannot add"] = ("asks CopyKernel to add, which it cannot",
            () => Of([Begin with { Kernel = Begin.Kernel with { Accumulation = Accumulation.Always } }, Loop, End, PartialLaunch, AddUp])),
        ["a call of other inputs"] = ("step 5 gives sum 0 of 1 inputs", () => Of([Begin, Loop, End, PartialLaunch, AddUp with { Inputs = [] }])),
        ["a call of another shape"] = ("step 5: an input of sum is f32[4, Width], but y is f32[B, Width]",
            () => Of([Begin, Loop, End, PartialLaunch, AddUp with { Inputs = new CallInput[] { new ViewInput(View.Whole(Y)) } }])),
        ["a state outside a decode step"] = ("it keeps states, which only a decode step does",
            () => Whole with { States = new[] { new State("Keys", Buffer(Space.State, "keys", "Keys", Depth, B, Polynomial.Symbol(State.Room), Width), PerPosition: true) } }),
        ["a state that does not grow"] = ("the state Keys [Layers, B, Width] is per position, but has no axis of Room positions", () => Whole with
        {
            Name = "Decode",
            States = new[] { new State("Keys", Buffer(Space.State, "keys", "Keys", Depth, B, Width), PerPosition: true) },
        }),
        ["a name that is none"] = ("'2x' is no name", () => Whole with { Name = "2x" }),
        ["two kernels of one name"] = ("2 kernels are named 'CopyKernel'",
            () => Of([Begin, Loop, Launch(Map("CopyKernel") with { Sizes = new[] { "Rows", "Columns", "More" } }, CarryAt("Last"), View.Whole(Y)) with { }, PartialLaunch, AddUp])),
        ["a value before its definition"] = ("%1 is used where it has no value", () => WithKernel(new Store(1, 1, false, false))),
        ["a value defined twice"] = ("%0 is defined twice", () => WithKernel(new Let(0, false, new Load(0, false), DType.F32), new Let(0, false, new Load(0, false), DType.F32), new Store(1, 0, false, false))),
        ["a reduction inside its own loop"] = ("%1 is used where it has no value",
            () => WithKernel(new Let(0, false, new Load(0, false), DType.F32), new Reduce(1, false, 0), new Store(1, 1, false, false))),
        ["a column's value once a row"] = ("%0, one a column, is used once a row", () => WithKernel(new Let(0, false, new Load(0, false), DType.F32), new Store(1, 0, true, false))),
        ["a store of another type"] = ("%0 of i32 is stored to Destination of f32", () => WithKernel(new Let(0, false, new IndexValue(true, "", ""), DType.I32), new Store(1, 0, false, false))),
        ["an operation that is not pointwise"] = ("%0 is a matmul, which is not pointwise",
            () => WithKernel(new Let(0, false, new Apply(OperationTable.Get<MatMul>(), []), DType.F32), new Store(1, 0, false, false))),
        ["a write that is not declared"] = ("Source is declared read only, but is written",
            () => WithKernel(new Let(0, false, new Load(0, false), DType.F32), new Store(0, 0, false, false), new Store(1, 0, false, false))),
        ["an operand that there is not"] = ("there is no operand 7", () => WithKernel(new Let(0, false, new Load(7, false), DType.F32), new Store(1, 0, false, false))),
        ["an accumulating store in a kernel that does not"] = ("whether it accumulates and whether a store does differ",
            () => WithKernel(new Let(0, false, new Load(0, false), DType.F32), new Store(1, 0, false, Accumulate: true))),
    };

    private static Entry WithKernel(params KernelStatement[] loop) =>
        Of([Begin, Loop, Launch(MakeKernel("CopyKernel", [MakeOperand("Source"), MakeOperand("Destination", written: true)], loop), CarryAt("Last"), View.Whole(Y)), PartialLaunch, AddUp]);
}
