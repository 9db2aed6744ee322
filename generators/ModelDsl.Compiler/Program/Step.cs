using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>One step of an entry. Sizes and offsets are polynomials in the size symbols and the symbols of the loops around.</summary>
public abstract record Step
{
    /// <summary>The views that the step itself touches; those of a loop's body are its own steps'.</summary>
    public abstract IEnumerable<View> Views { get; }
}

/// <summary>Runs a generated kernel over a grid of rows (or of chunks of rows, where the kernel is chunked).</summary>
public sealed record LaunchStep(KernelCall Kernel, Polynomial Grid) : Step
{
    public override IEnumerable<View> Views => Kernel.Views;
}

/// <summary>
/// An operation of the graph on memory: what it means is the operation's meaning, evaluated on what the views hold. A target
/// has a kernel of its own for it (<see cref="CallRule"/>). A result in the memory of an input takes its place.
/// </summary>
/// <param name="Node">The operation, its attributes and its types.</param>
/// <param name="Results">Where each result goes.</param>
/// <param name="State">The layer's part of each state that the operation declares, in its order.</param>
/// <param name="Scratch">Memory for the length of the call, as the target's rule asks for it.</param>
/// <param name="Accumulation">How the first result is taken.</param>
public sealed record CallStep(
    Node Node, EquatableArray<CallInput> Inputs, EquatableArray<View> Results, EquatableArray<View> State, EquatableArray<View> Scratch,
    Accumulation Accumulation) : Step
{
    public override IEnumerable<View> Views => Inputs.OfType<ViewInput>().Select(i => i.View).Concat(Results).Concat(State).Concat(Scratch);
}

/// <summary>What a call is given for one input of its operation.</summary>
public abstract record CallInput;

public sealed record ViewInput(View View) : CallInput;

/// <summary>A scalar that the host knows.</summary>
public sealed record HostInput(HostExpression Value) : CallInput;

/// <summary>Start, Start + 1, ... along the last axis: positions that need no memory.</summary>
public sealed record RangeInput(HostExpression Start) : CallInput;

/// <summary>C = A x B, or C += A x B, once for each of <paramref name="Batch"/>; then, piece by piece, the epilogue.</summary>
public sealed record MatMulStep(
    Polynomial Batch, Polynomial M, Polynomial N, Polynomial K, MatrixOperand A, MatrixOperand B, MatrixOperand C,
    Accumulation Accumulation, KernelCall? Epilogue) : Step
{
    public override IEnumerable<View> Views => new[] { A.View, B.View, C.View }.Concat(Epilogue is null ? [] : Epilogue.Views);
}

/// <summary>A matrix of a product; the batch stride is 0 where every product reads the same one.</summary>
public sealed record MatrixOperand(View View, Polynomial BatchStride, Polynomial Stride, bool Transposed);

/// <summary>For each layer, forwards or backwards.</summary>
/// <param name="Index">The symbol of the layer's index.</param>
/// <param name="KeepsCarries">Whether each layer's carry has a slot of its own, or two take turns.</param>
/// <param name="Name">The path of the repeat in the record, "Blocks".</param>
public sealed record LoopStep(string Index, Polynomial Count, bool Reverse, bool KeepsCarries, EquatableArray<Step> Body, string Name) : Step
{
    public override IEnumerable<View> Views => [];

    /// <summary>Symbols of the slots that a layer reads its carries from and leaves the next layer's in, and where the loop begins and ends.</summary>
    public static string Here(string index) => index + "Here";
    public static string Next(string index) => index + "Next";
    public static string First(string index) => index + "First";
    public static string Last(string index) => index + "Last";
}

/// <summary>A kernel with what it is launched on.</summary>
/// <param name="Views">A view for each operand, in order.</param>
/// <param name="Sizes">A value for each size parameter.</param>
/// <param name="Scalars">A value for each scalar parameter.</param>
public sealed record KernelCall(
    Kernel Kernel, EquatableArray<View> Views, EquatableArray<Polynomial> Sizes, EquatableArray<HostExpression> Scalars, Accumulation Accumulation);

/// <summary>How a destination takes a value.</summary>
public enum Accumulation
{
    Overwrite,

    /// <summary>Overwritten in the first micro-step of a step, added to in the others.</summary>
    FromSecondMicroStep,

    Always,
}
