namespace ModelDsl;

/// <summary>
/// A partial record that is compiled into a training step and a decode path. Its primary constructor holds the
/// hyperparameters, its properties the weights and layers, its methods the computation.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class ModelAttribute : Attribute
{
    /// <summary>Which values the backward pass recomputes.</summary>
    public Recompute Recompute { get; set; }
}

/// <summary>A partial record that models and other layers are built from.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class LayerAttribute : Attribute;

/// <summary>A name for a set of hyperparameters: on <c>public static Gpt2 Medium => new(Width: 1024, ...)</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PresetAttribute : Attribute;

/// <summary>
/// Written by the generator: the text form of a layer's spec, from which a model in another assembly is compiled.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class LayerSpecAttribute(string spec) : Attribute
{
    public string Spec { get; } = spec;
}

/// <summary>On a static partial class: the generator adds a method for each operation of the compiler.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class OperationFacadeAttribute : Attribute;
