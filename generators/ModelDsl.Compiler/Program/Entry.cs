using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>
/// What a target emits as one function: a training step, an evaluation, a forward pass or a decode step, as steps over memory.
/// The contract between the compiler and its targets.
/// </summary>
/// <param name="Name">"Train", "Evaluate", "Forward" or "Decode".</param>
/// <param name="Scratch">The scratch buffers and when each is in use, counted in steps; results stay to the end.</param>
/// <param name="Results">Where the results that are not gradients go.</param>
/// <param name="States">What a decode step keeps.</param>
public sealed record Entry(
    string Name, EquatableArray<Step> Steps, EquatableArray<Lifetime> Scratch, EquatableArray<EntryResult> Results, EquatableArray<State> States);

public sealed record EntryResult(string Name, View View);

/// <param name="First">The number of the first step that touches it, <paramref name="Last"/> of the last.</param>
public sealed record Lifetime(TensorBuffer Buffer, int First, int Last);

/// <summary>
/// Memory that a decode step reads and leaves for the next: [Layers, B, Room, ...] where it has an element for every position,
/// [Layers, B, ...] where it is fixed.
/// </summary>
/// <param name="PerPosition">Whether it grows with the sequence (keys and values) or is replaced by each token (a recurrence).</param>
public sealed record State(string Name, TensorBuffer Buffer, bool PerPosition)
{
    /// <summary>The symbol of how many positions there is room for.</summary>
    public const string Room = "Room";
}
