using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>What an expression of a record evaluates to.</summary>
internal abstract record SpecValue
{
    /// <summary>What it is, for messages: "a tensor", "an int".</summary>
    public abstract string Kind { get; }

    /// <summary>False of a value that an error has taken, and of a tuple or list that holds one.</summary>
    public virtual bool IsKnown => true;
}

/// <summary>In the place of a value whose expression has an error: what is computed from it is unknown too, and says nothing.</summary>
internal sealed record UnknownValue : SpecValue
{
    public static readonly UnknownValue Instance = new();

    public override string Kind => "unknown";
    public override bool IsKnown => false;
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
    public override string Kind => $"a tuple of {Items.Count}";
    public override bool IsKnown => Items.All(i => i.IsKnown);
}

internal sealed record ListValue(EquatableArray<SpecValue> Items) : SpecValue
{
    public override string Kind => "a list";
    public override bool IsKnown => Items.All(i => i.IsKnown);
}

/// <summary>One layer of the model, or the model itself: a record at a member path with its hyperparameters' values.</summary>
/// <param name="path">"Blocks.{}.Attention"; empty for the model.</param>
/// <param name="repeats">The repeats around it that stack its weights, outermost first: the leading axes of those.</param>
internal sealed class LayerInstance(
    string path, RecordSpec record, IReadOnlyDictionary<string, SpecValue> arguments, EquatableArray<RepeatInstance> repeats)
{
    public string Path => path;
    public RecordSpec Record => record;
    public IReadOnlyDictionary<string, SpecValue> Arguments => arguments;
    public EquatableArray<RepeatInstance> Repeats => repeats;

    /// <summary>The members that have been evaluated, with the region that the nodes of their values are in.</summary>
    public Dictionary<(string Member, Region Region), SpecValue> Members { get; } = [];

    /// <summary>The path of one of its members.</summary>
    public string PathOf(string member) => path.Length == 0 ? member : path + "." + member;
}

/// <summary>A Repeat of the model.</summary>
/// <param name="owner">The layer whose member it is.</param>
/// <param name="shared">Whether one layer's weights serve all iterations.</param>
internal sealed class RepeatInstance(string path, LayerInstance owner, RepeatExpression expression, Polynomial count, bool shared)
{
    public string Path => path;
    public LayerInstance Owner => owner;
    public RepeatExpression Expression => expression;
    public Polynomial Count => count;

    /// <summary>The path of its layer, "Blocks.{}": {} stands for the index, where each layer has weights of its own.</summary>
    public string LayerPath => shared ? path : path + ".{}";

    /// <summary>The repeats that stack the weights of its layer.</summary>
    public EquatableArray<RepeatInstance> Stacking => shared ? owner.Repeats : owner.Repeats.Append(this).ToEquatableArray();
}

/// <summary>What the names in an expression mean.</summary>
/// <param name="self">The layer whose member is evaluated.</param>
/// <param name="newPath">The member path that a new layer takes; null in a method, where none can be made.</param>
internal sealed class Scope(LayerInstance self, string? newPath = null)
{
    public LayerInstance Self => self;
    public string? NewPath => newPath;

    /// <summary>The repeats that stack the weights of a new layer.</summary>
    public EquatableArray<RepeatInstance> NewRepeats { get; init; } = self.Repeats;

    public Dictionary<string, SpecValue> Locals { get; } = [];
}
