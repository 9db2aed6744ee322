using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>What the regions of one entry share: its scratch, its states, and the symbols of its loops.</summary>
internal sealed class ProgramBuilder(CallRules rules, IEnumerable<StateSlot> states)
{
    private readonly Dictionary<string, State> _states = states.ToDictionary(s => s.Name, StateOf);
    private readonly UniqueNames _symbols = new();
    private readonly List<TensorBuffer> _scratch = [];

    public CallRules Rules => rules;

    /// <summary>In order of allocation.</summary>
    public IReadOnlyList<TensorBuffer> Scratch => _scratch;

    public IEnumerable<State> States => _states.Values;

    /// <summary>What an operation of a decode graph keeps under a name.</summary>
    public State State(string name) => _states[name];

    public TensorBuffer AddScratch(EquatableArray<string> names, DType type, Shape shape) => AddScratch(new BufferOrigin(names), type, shape);

    public TensorBuffer AddScratch(BufferOrigin origin, DType type, Shape shape)
    {
        var buffer = new TensorBuffer(Space.Scratch, "", type, shape, origin);
        _scratch.Add(buffer);
        return buffer;
    }

    /// <summary>A symbol that no other loop of this entry has.</summary>
    public string Symbol(string name) => _symbols.Take(name);

    private static State StateOf(StateSlot slot)
    {
        Polynomial[] outer = slot.PerPosition ? [slot.Layers, Polynomial.Symbol("B"), Polynomial.Symbol(Program.State.Room)] : [slot.Layers, Polynomial.Symbol("B")];
        return new State(slot.Name, new TensorBuffer(Space.State, slot.Name, DType.F32, new Shape(outer.Concat(slot.Element.Sizes)), BufferNames.OfPath(slot.Name)), slot.PerPosition);
    }
}
