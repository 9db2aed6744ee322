using ModelDsl.Compiler.Ir;
namespace ModelDsl.Compiler.Spec;

/// <summary>
/// What the compiler knows of one [Model] or [Layer] record: value-equal, free of symbols, syntax and locations.
/// A place in the source is an anchor: the ordinal of an expression in the record, in source order. A pipeline of its own
/// maps anchors to locations, so an edit elsewhere in the file leaves the spec equal.
/// </summary>
/// <param name="FullName">Namespace and containing types included: what <see cref="NewExpression"/> refers to.</param>
/// <param name="Namespace">Empty for the global namespace.</param>
/// <param name="Imports">Specs of the layers it uses from other assemblies, their own imports included.</param>
public sealed record RecordSpec(
    RecordKind Kind,
    string FullName,
    string Name,
    string Namespace,
    string Accessibility,
    EquatableArray<HyperparameterSpec> Hyperparameters,
    EquatableArray<WeightSpec> Weights,
    EquatableArray<MemberSpec> Members,
    EquatableArray<MethodSpec> Methods,
    EquatableArray<PresetSpec> Presets,
    EquatableArray<RecordSpec> Imports)
{
    /// <summary>Of a model: the name of a member of ModelDsl.Recompute.</summary>
    public string Recompute { get; init; } = "Pointwise";
}

public enum RecordKind { Model, Layer }

/// <summary>A parameter of the record's primary constructor.</summary>
/// <param name="TypeName">The C# type as it is written in emitted code.</param>
/// <param name="Default">Null where the parameter must be given.</param>
public sealed record HyperparameterSpec(string Name, HyperparameterKind Kind, string TypeName, Expression? Default, int Anchor);

/// <summary>Int: a symbol. Bool and Enum: structure. Float: a run-time scalar.</summary>
public enum HyperparameterKind { Int, Float, Bool, Enum }

/// <summary>[Weight(dimensions...)] on a partial property.</summary>
/// <param name="Accessibility">As it is written: empty where nothing is, which C# tells from "private".</param>
/// <param name="Init">The name of a member of ModelDsl.Init.</param>
/// <param name="Decay">Null: matrices decay, vectors do not.</param>
public sealed record WeightSpec(
    string Name, string Accessibility, EquatableArray<Expression> Shape, string Init, float Std, bool? Decay, int Anchor);

/// <summary>
/// Any other expression-bodied property: a layer (<see cref="NewExpression"/>), a repeat (<see cref="RepeatExpression"/>),
/// or a number computed from hyperparameters.
/// </summary>
public sealed record MemberSpec(string Name, Expression Value, int Anchor);

/// <summary>A method whose body is in the language of <see cref="Statement"/>. It is inlined where it is called.</summary>
public sealed record MethodSpec(
    string Name, EquatableArray<MethodParameterSpec> Parameters, EquatableArray<Statement> Body, int Anchor);

/// <param name="Shape">Of a model's own input: [Shape(...)], what follows the batch.</param>
/// <param name="Limit">Of Tokens and Labels: the number of classes, [Limit(nameof(Vocab))].</param>
public sealed record MethodParameterSpec(
    string Name, MethodParameterKind Kind, EquatableArray<Expression> Shape, Expression? Limit, Expression? Default, int Anchor);

/// <summary>Tensor: float. Tokens: int [B, T]. Labels: int [B]. The rest are hyperparameters of the call.</summary>
public enum MethodParameterKind { Tensor, Tokens, Labels, Int, Float, Bool, Enum }

/// <summary>[Preset] on a static property: a name for a set of hyperparameters.</summary>
public sealed record PresetSpec(string Name, NewExpression Value, int Anchor);
