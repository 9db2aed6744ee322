using System.Collections.Generic;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Loops;

/// <summary>One step of a launch list. Sizes and offsets are polynomials in symbols that the emitted method has as locals.</summary>
public abstract record Instruction(string Comment);

/// <summary>device.Launch(new Type { fields }, grid)</summary>
/// <param name="Grid">Null where the kernel says itself how many rows its fields ask for.</param>
public sealed record LaunchInstruction(KernelInstance Kernel, Polynomial? Grid, string Comment) : Instruction(Comment);

/// <summary>device.MatMul(m, n, k, a, b, c, accumulate, epilogue), once for each of <paramref name="Batch"/>.</summary>
public sealed record MatMulInstruction(
    Polynomial Batch, Polynomial M, Polynomial N, Polynomial K, MatrixOperand A, MatrixOperand B, MatrixOperand C,
    Accumulation Accumulation, KernelInstance? Epilogue, string Comment) : Instruction(Comment);

/// <summary>A matrix of a product; batch stride 0 where every product reads the same one.</summary>
public sealed record MatrixOperand(View View, Polynomial BatchStride, Polynomial Stride, bool Transposed);

/// <summary>device.Method(new Type { fields }, ...): attention and the like.</summary>
public sealed record DeviceInstruction(string Method, EquatableArray<KernelInstance> Arguments, string Comment) : Instruction(Comment);

/// <summary>For each layer, forwards or backwards. The carries of layer i stand in slots named by symbols of the loop.</summary>
/// <param name="Index">The symbol of the layer's index.</param>
/// <param name="KeepsCarries">Whether each layer's carry has a slot of its own, or two take turns.</param>
public sealed record LoopInstruction(
    string Index, Polynomial Count, bool Reverse, bool KeepsCarries, IReadOnlyList<Instruction> Body, string Comment) : Instruction(Comment);

/// <summary>A struct that the host fills in: a kernel of this model or of the runtime.</summary>
public sealed record KernelInstance(string Type, EquatableArray<Field> Fields);

public sealed record Field(string Name, FieldValue Value);

public abstract record FieldValue;

/// <summary>A pointer to the view's first element.</summary>
public sealed record PointerField(View View) : FieldValue;

public sealed record NullField : FieldValue;

/// <summary>An int, or a long where <paramref name="Wide"/>.</summary>
public sealed record SizeField(Polynomial Value, bool Wide = false) : FieldValue;

/// <summary>C# over hyperparameters and layer indices.</summary>
public sealed record TextField(string CSharp) : FieldValue;

public sealed record AccumulateField(Accumulation Mode) : FieldValue;

/// <summary>How a destination takes a value.</summary>
public enum Accumulation
{
    Overwrite,
    /// <summary>Overwritten in the first micro-step of a step, added to in the others.</summary>
    FromSecondMicroStep,
    Always,
}
