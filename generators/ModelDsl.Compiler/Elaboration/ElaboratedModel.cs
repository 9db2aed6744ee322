using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>What a model's record means.</summary>
/// <param name="Variants">One for each structure in use, the defaults' first; empty where a diagnostic is an error.</param>
/// <param name="Diagnostics">Errors, in the order found, each once.</param>
public sealed record ElaboratedModel(RecordSpec Model, EquatableArray<Variant> Variants, EquatableArray<CompileDiagnostic> Diagnostics);

/// <summary>The graphs at one choice of the bool and enum hyperparameters.</summary>
/// <param name="Key">"Bias=true Norm=Rms"; empty where the model has no such hyperparameter.</param>
/// <param name="Structure">The hyperparameters' names and values, in the order of their names.</param>
/// <param name="Weights">In order of first use.</param>
/// <param name="Guards">What a constructor must check.</param>
/// <param name="LengthLimits">A sequence is no longer than each of these: the tables that positions index.</param>
/// <param name="Training">Result "loss", rank 0.</param>
/// <param name="Forward">Result "logits" of a model over tokens, otherwise "output", or "output0", "output1" of a tuple.</param>
public sealed record Variant(
    string Key,
    EquatableArray<StructuralValue> Structure,
    EquatableArray<Weight> Weights,
    EquatableArray<Guard> Guards,
    EquatableArray<Polynomial> LengthLimits,
    ModelGraph Training,
    ModelGraph Forward);

/// <param name="Member">"true", or the name of an enum's member.</param>
public sealed record StructuralValue(string Hyperparameter, string Member);

/// <summary>One weight of the model.</summary>
/// <param name="Name">Its member path, "Blocks.{}.Attention.Query.Weight": {} stands for the index of a repeat's layer.</param>
/// <param name="Counts">The repeats around it that do not share it, outermost first: the leading axes of its parameter.</param>
/// <param name="Shape">Of one layer's.</param>
/// <param name="Init">The name of a member of ModelDsl.Init.</param>
/// <param name="Decay">Whether weight decay applies.</param>
public sealed record Weight(
    string Name, EquatableArray<Polynomial> Counts, Shape Shape, string Init, float Std, bool Decay);
