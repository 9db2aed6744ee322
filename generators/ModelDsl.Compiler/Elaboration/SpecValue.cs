using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>What an expression of a record evaluates to.</summary>
internal abstract record SpecValue
{
    /// <summary>What it is, for messages: "a tensor", "an int".</summary>
    public abstract string Kind { get; }
}

/// <summary>A Tensor, Tokens or Labels.</summary>
internal sealed record TensorValue(Node Node) : SpecValue
{
    public override string Kind => "a tensor";
}

/// <summary>An int, float or bool that is known at run time only: a node of rank 0.</summary>
internal sealed record NumberValue(Node Node) : SpecValue
{
    public override string Kind => "a number that is known at run time only";
}

/// <summary>An int that depends on the hyperparameters alone.</summary>
internal sealed record IntValue(Polynomial Size) : SpecValue
{
    public override string Kind => "an int";
}

/// <summary>A float known to the compiler.</summary>
internal sealed record FloatValue(double Number) : SpecValue
{
    public override string Kind => "a float";
}

/// <summary>Structure.</summary>
internal sealed record BoolValue(bool Truth) : SpecValue
{
    public override string Kind => "a bool";
}

/// <summary>Structure.</summary>
internal sealed record EnumValue(string Type, string Member) : SpecValue
{
    public override string Kind => "an enum";
}

internal sealed record LayerValue(LayerInstance Layer) : SpecValue
{
    public override string Kind => "a layer";
}

internal sealed record RepeatValue(RepeatInstance Repeat) : SpecValue
{
    public override string Kind => "a repeat";
}

internal sealed record TupleValue(EquatableArray<SpecValue> Items) : SpecValue
{
    public override string Kind => "a tuple";
}

internal sealed record ListValue(EquatableArray<SpecValue> Items) : SpecValue
{
    public override string Kind => "a list";
}
