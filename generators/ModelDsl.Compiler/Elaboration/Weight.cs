using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>One weight of the model.</summary>
/// <param name="Name">Its member path, "Blocks.{}.Attention.Query.Weight": {} stands for the index of a repeat's layer.</param>
/// <param name="Counts">The repeats around it, outermost first: the leading axes of its parameter.</param>
/// <param name="Shape">Of one layer's.</param>
/// <param name="Init">The name of a member of ModelDsl.Init.</param>
/// <param name="Decay">Whether weight decay applies.</param>
public sealed record Weight(
    string Name, EquatableArray<Polynomial> Counts, Shape Shape, string Init, float Std, bool Decay);
