// The deterministic automaton of a split pattern: what the scanner runs and the printer prints.
using System;
using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Tokenizers;

/// <summary>
/// Finds the match that a backtracking engine finds (first alternative first, greedy first) in one pass without
/// backtracking. A state is the ordered list of the places where a backtracking engine could be; a place behind one
/// that accepts is dropped, since the engine would never come to it.
/// </summary>
/// <remarks>
/// An edge is taken on the class of the next character, or on class <see cref="End"/> where the text ends. Lookaheads
/// see that character, so "a match ends here" is known one character late and is a property of the edge:
/// <c>edge = target * 2 + (a match ends before this character ? 1 : 0)</c>. State 0 is dead.
/// </remarks>
internal sealed class PatternAutomaton
{
    private const int MostStates = 4000;

    internal CodePointClasses Classes { get; }

    /// <summary>The class of the end of the text: one past the classes of characters.</summary>
    internal int End => Classes.Count;

    /// <summary>Edges a state: the classes and the end of the text.</summary>
    internal int Width => Classes.Count + 1;

    internal int States => Edges.Length / Width;

    /// <summary>States x Width edges.</summary>
    internal int[] Edges { get; private set; }

    /// <summary>The first state at the start of the text.</summary>
    internal int StartOfText { get; private set; }

    /// <summary>The first state anywhere else.</summary>
    internal int Start { get; private set; }

    private PatternAutomaton(PatternNode pattern)
    {
        var graph = new PatternGraph(pattern);
        var sets = graph.States.Where(state => state.Set is not null).Select(state => state.Set!).Distinct().ToList();
        var setOf = graph.States.Select(state => state.Set is null ? -1 : sets.IndexOf(state.Set)).ToArray();
        Classes = new CodePointClasses(sets, pattern);
        Edges = Determinise(graph, setOf, pattern);
        Minimise();
    }

    /// <exception cref="PatternException">The pattern is malformed or outside what can be compiled.</exception>
    internal static PatternAutomaton Compile(string pattern) => new(PatternParser.Parse(pattern));

    private int[] Determinise(PatternGraph graph, int[] setOf, PatternNode pattern)
    {
        var numbers = new Dictionary<string, int>();
        var places = new List<List<int>>();
        int Number(List<int> state)
        {
            string key = string.Join(",", state);
            if (numbers.TryGetValue(key, out int number)) return number;
            if (places.Count == MostStates) throw new PatternException(pattern.Column, "the pattern needs too many states");
            numbers.Add(key, number = places.Count);
            places.Add(state);
            return number;
        }

        Number([]);
        Start = Number([graph.Start]);
        var atStart = new List<int>();
        PassStartOfText(graph, graph.Start, atStart, []);
        StartOfText = graph.States.Any(state => state.Kind == PatternStateKind.StartOfText) ? Number(atStart) : Start;

        var edges = new List<int>();
        for (int from = 0; from < places.Count; from++)
            for (int on = 0; on < Width; on++)
            {
                var target = new List<int>();
                var visited = new HashSet<int>();
                bool accepts = false;
                foreach (int place in places[from])
                    if (accepts = Step(graph, setOf, place, on, target, visited)) break;
                edges.Add(Number(target) * 2 + (accepts ? 1 : 0));
            }
        return edges.ToArray();
    }

    // Everything that can be reached without a character when `on` comes next; true where that accepts.
    private bool Step(PatternGraph graph, int[] setOf, int place, int on, List<int> target, HashSet<int> visited)
    {
        if (!visited.Add(place)) return false;
        var state = graph.States[place];
        switch (state.Kind)
        {
            case PatternStateKind.Accept:
                return true;
            case PatternStateKind.StartOfText:
                return false;
            case PatternStateKind.Consume:
                if (on != End && Classes.Members[on][setOf[place]] && !target.Contains(state.Next[0])) target.Add(state.Next[0]);
                return false;
            case PatternStateKind.Look when !(on == End ? state.End : Classes.Members[on][setOf[place]]):
                return false;
            default:
                foreach (int next in state.Next)
                    if (Step(graph, setOf, next, on, target, visited)) return true;
                return false;
        }
    }

    // The places from `place` on with every ^ passed.
    private static void PassStartOfText(PatternGraph graph, int place, List<int> result, HashSet<int> visited)
    {
        if (!visited.Add(place)) return;
        var state = graph.States[place];
        if (state.Kind is not (PatternStateKind.Try or PatternStateKind.StartOfText)) result.Add(place);
        else foreach (int next in state.Next) PassStartOfText(graph, next, result, visited);
    }

    // Moore's partition refinement; blocks are numbered by their first state, so state 0 stays dead.
    private void Minimise()
    {
        int states = States;
        var block = new int[states];
        for (int count = 1; ;)
        {
            var numbers = new Dictionary<string, int>();
            var refined = new int[states];
            for (int s = 0; s < states; s++)
            {
                string key = block[s] + ":" + string.Join(",", Row(s).Select(edge => block[edge >> 1] * 2 + (edge & 1)));
                if (!numbers.TryGetValue(key, out refined[s])) numbers.Add(key, refined[s] = numbers.Count);
            }
            block = refined;
            if (numbers.Count == count) break;
            count = numbers.Count;
        }
        var edges = new List<int>();
        for (int s = 0; s < states; s++)
            if (block[s] * Width == edges.Count) edges.AddRange(Row(s).Select(edge => block[edge >> 1] * 2 + (edge & 1)));
        (Edges, Start, StartOfText) = (edges.ToArray(), block[Start], block[StartOfText]);
    }

    private IEnumerable<int> Row(int state) => Edges.Skip(state * Width).Take(Width);
}
