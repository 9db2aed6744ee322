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

    private PatternAutomaton(PatternNode pattern, PatternBudget budget)
    {
        var graph = new PatternGraph(pattern, budget);
        var sets = new List<CodePointSet>();
        var numbers = new Dictionary<CodePointSet, int>();
        int Number(CodePointSet set)
        {
            if (numbers.TryGetValue(set, out int number)) return number;
            sets.Add(set);
            numbers.Add(set, sets.Count - 1);
            return sets.Count - 1;
        }
        var setOf = graph.States.Select(state => state.Set is null ? -1 : Number(state.Set)).ToArray();
        Classes = new CodePointClasses(sets, pattern, budget);
        Edges = Determinise(graph, setOf, pattern, budget);
        Minimise(pattern, budget);
    }

    /// <param name="budget">Null: one of its own, with the default bounds.</param>
    /// <exception cref="PatternException">The pattern is malformed, outside what can be compiled, or beyond the budget.</exception>
    internal static PatternAutomaton Compile(string pattern, PatternBudget? budget = null)
    {
        budget ??= new PatternBudget();
        return new PatternAutomaton(PatternParser.Parse(pattern, budget), budget);
    }

    private int[] Determinise(PatternGraph graph, int[] setOf, PatternNode pattern, PatternBudget budget)
    {
        var numbers = new Dictionary<string, int>();
        var places = new List<List<int>>();
        int Number(List<int> state)
        {
            budget.Step(1 + state.Count, pattern.Column);
            string key = string.Join(",", state);
            if (numbers.TryGetValue(key, out int number)) return number;
            budget.CheckStates(places.Count + 1, pattern.Column);
            numbers.Add(key, number = places.Count);
            places.Add(state);
            return number;
        }

        Number([]);
        Start = Number([graph.Start]);
        StartOfText = graph.States.Any(state => state.Kind == PatternStateKind.StartOfText) ? Number(PassStartOfText(graph)) : Start;

        var edges = new List<int>();
        for (int from = 0; from < places.Count; from++)
            for (int on = 0; on < Width; on++)
            {
                var target = new List<int>();
                bool accepts = Follow(graph, setOf, places[from], on, target, pattern, budget);
                edges.Add(Number(target) * 2 + (accepts ? 1 : 0));
            }
        return edges.ToArray();
    }

    // The places behind the character `on`, in order, up to the first that accepts; true where one does.
    private bool Follow(PatternGraph graph, int[] setOf, List<int> from, int on, List<int> target, PatternNode pattern, PatternBudget budget)
    {
        var visited = new HashSet<int>();
        var reached = new HashSet<int>();
        var open = new Stack<int>();
        for (int i = from.Count - 1; i >= 0; i--) open.Push(from[i]);
        while (open.Count > 0)
        {
            budget.Step(1, pattern.Column);
            int place = open.Pop();
            if (!visited.Add(place)) continue;
            var state = graph.States[place];
            switch (state.Kind)
            {
                case PatternStateKind.Accept:
                    return true;
                case PatternStateKind.StartOfText:
                    break;
                case PatternStateKind.Consume:
                    if (on != End && Classes.Members[on][setOf[place]] && reached.Add(state.Next[0])) target.Add(state.Next[0]);
                    break;
                case PatternStateKind.Look when !(on == End ? state.End : Classes.Members[on][setOf[place]]):
                    break;
                default:
                    for (int i = state.Next.Count - 1; i >= 0; i--) open.Push(state.Next[i]);
                    break;
            }
        }
        return false;
    }

    // The places from the start on with every ^ passed.
    private static List<int> PassStartOfText(PatternGraph graph)
    {
        var result = new List<int>();
        var visited = new HashSet<int>();
        var open = new Stack<int>();
        open.Push(graph.Start);
        while (open.Count > 0)
        {
            int place = open.Pop();
            if (!visited.Add(place)) continue;
            var state = graph.States[place];
            if (state.Kind is not (PatternStateKind.Try or PatternStateKind.StartOfText)) result.Add(place);
            else for (int i = state.Next.Count - 1; i >= 0; i--) open.Push(state.Next[i]);
        }
        return result;
    }

    // Moore's partition refinement; blocks are numbered by their first state, so state 0 stays dead.
    private void Minimise(PatternNode pattern, PatternBudget budget)
    {
        int states = States;
        var block = new int[states];
        for (int count = 1; ;)
        {
            budget.Step(Edges.Length, pattern.Column);
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
