namespace ModelDsl.Compiler.Ir;

/// <summary>What one operation of a decode graph keeps from step to step, for all of its layers and sequences.</summary>
/// <param name="Name">Unique in the graph: the member path and the state's role, "Blocks.{}.Attention.Keys".</param>
/// <param name="Layers">How many of it there are: the product of the surrounding repeats' counts.</param>
/// <param name="Element">Of one layer and sequence, and of one position where it has an element for each.</param>
/// <param name="PerPosition">Whether it grows with the sequence, or is replaced by each token.</param>
public sealed record StateSlot(string Name, Polynomial Layers, Shape Element, bool PerPosition);

/// <summary>A state that a stateful operation declares.</summary>
/// <param name="Role">"Keys".</param>
/// <param name="Appended">
/// For a state with an element for every position: the input whose rows [B, T, ...] are stored at the new positions before the
/// operation runs. -1 where the operation itself writes the state.
/// </param>
public sealed record StateSpec(string Role, Shape Element, bool PerPosition, int Appended = -1);
