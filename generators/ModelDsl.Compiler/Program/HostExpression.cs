using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>A number that the host computes before a launch, from hyperparameters, sizes, layer indices and what the caller passes.</summary>
public abstract record HostExpression(DType Type);

/// <summary>Bools are 0 and 1.</summary>
public sealed record HostConstant(double Value, DType Type) : HostExpression(Type);

/// <summary>A float hyperparameter, a layer's index, or a scalar of the entry ("start", "gradientScale").</summary>
public sealed record HostSymbol(string Name, DType Type) : HostExpression(Type);

/// <summary>A polynomial of the size symbols, i32.</summary>
public sealed record HostSize(Polynomial Value) : HostExpression(DType.I32);

/// <summary>A pointwise operation on scalars.</summary>
public sealed record HostApply(Operation Operation, EquatableArray<HostExpression> Arguments, DType Type) : HostExpression(Type);
