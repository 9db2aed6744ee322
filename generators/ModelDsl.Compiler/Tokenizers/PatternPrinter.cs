// Prints a pattern automaton as a C# class.
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace ModelDsl.Compiler.Tokenizers;

/// <summary>
/// Prints the automaton as a scanner that needs no table of edges: a label for each state, a switch over the class of the
/// next character, a jump. A state that a run of ASCII characters does not leave skips the run first.
/// </summary>
internal static class PatternPrinter
{
    private static readonly string[] CategoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <summary>The class <paramref name="name"/>, indented by <paramref name="indent"/> spaces.</summary>
    internal static string Print(PatternAutomaton automaton, string pattern, string name, int indent)
    {
        var lines = new List<string>
        {
            $"/// <summary>Cuts text at <c>{Xml(pattern)}</c>.</summary>",
            $"private sealed class {name} : global::ModelDsl.Tokenizers.Patterns.PatternScanner",
            "{",
            $"    internal static readonly {name} Instance = new();",
            "",
            "    // The classes of characters that the pattern tells apart:",
        };
        var ascii = AsciiClasses(automaton);
        for (int kind = 0; kind < automaton.Classes.Count; kind++) lines.Add($"    // {kind,3}  {Describe(automaton, ascii, kind)}");
        lines.Add($"    // {automaton.End,3}  the end of the text");
        lines.Add("    private static readonly global::ModelDsl.Tokenizers.Patterns.CodePointMap Map = new(");
        lines.AddRange(List(automaton.Classes.Starts, "        ", "],"));
        lines.AddRange(List(automaton.Classes.Table.Select(b => (int)b), "        ", "]);"));
        lines.Add("    private static global::System.ReadOnlySpan<byte> Ascii =>");
        lines.AddRange(List(ascii, "        ", "];"));
        var runs = Runs(automaton, ascii);
        foreach (var run in runs)
            lines.Add($"    private static readonly global::System.Runtime.Intrinsics.Vector128<byte> Run{run.Key} = global::System.Runtime.Intrinsics.Vector128.Create((byte){string.Join(", ", run.Value)});");
        lines.Add("");
        lines.Add("    public override int Match(global::System.ReadOnlySpan<byte> text, int start)");
        lines.Add("    {");
        lines.Add("        int at = start, found = -1, length;");
        if (automaton.StartOfText != automaton.Start) lines.Add($"        if (start == 0) goto State{automaton.StartOfText};");
        lines.Add($"        goto State{automaton.Start};");
        for (int state = 1; state < automaton.States; state++) AddState(lines, automaton, state, runs.ContainsKey(state));
        lines.Add("    Done:");
        lines.Add("        return found > start ? found : -1;");
        lines.Add("    }");
        lines.Add("}");
        var text = new StringBuilder();
        foreach (string line in lines) text.Append(line.Length == 0 ? "" : new string(' ', indent) + line).Append('\n');
        return text.ToString();
    }

    private static void AddState(List<string> lines, PatternAutomaton automaton, int state, bool hasRun)
    {
        lines.Add($"    State{state}:");
        if (hasRun) lines.Add($"        at = SkipRun(text, at, Run{state}, ref found);");
        lines.Add("        switch (ClassAt(text, at, Ascii, Map, out length))");
        lines.Add("        {");
        var row = Enumerable.Range(0, automaton.Width).Select(kind => (Kind: kind, Edge: automaton.Edges[state * automaton.Width + kind]));
        foreach (var group in row.GroupBy(entry => entry.Edge).Where(group => group.Key != 0).OrderBy(group => group.First().Kind))
        {
            string cases = string.Join(" or ", group.Select(entry => entry.Kind));
            string accept = (group.Key & 1) != 0 ? "found = at; " : "";
            string go = group.Key >> 1 == 0 ? "goto Done;" : $"at += length; goto State{group.Key >> 1};";
            lines.Add($"            case {cases}: {accept}{go}");
        }
        lines.Add("            default: goto Done;");
        lines.Add("        }");
    }

    // For each state with a run, the set of the characters that stay in it, as ByteRun reads it.
    private static SortedDictionary<int, byte[]> Runs(PatternAutomaton automaton, int[] ascii)
    {
        var runs = new SortedDictionary<int, byte[]>();
        for (int state = 1; state < automaton.States; state++)
        {
            var set = new byte[16];
            for (int c = 0; c < 0x80; c++)
                if (automaton.Edges[state * automaton.Width + ascii[c]] == (state << 1 | 1)) set[c & 15] |= (byte)(1 << (c >> 4));
            if (set.Any(b => b != 0)) runs.Add(state, set);
        }
        return runs;
    }

    private static int[] AsciiClasses(PatternAutomaton automaton)
    {
        var classes = new int[0x80];
        int interval = 0;
        for (int c = 0; c < classes.Length; c++)
        {
            while (interval + 1 < automaton.Classes.Starts.Length && automaton.Classes.Starts[interval + 1] <= c) interval++;
            classes[c] = automaton.Classes.Table[interval * CodePointSet.Categories + (int)CharUnicodeInfo.GetUnicodeCategory((char)c)];
        }
        return classes;
    }

    private static string Describe(PatternAutomaton automaton, int[] ascii, int kind)
    {
        var characters = Enumerable.Range(0, 0x80).Where(c => ascii[c] == kind).ToList();
        string shown = string.Join(" ", characters.Take(12).Select(c => c is > ' ' and < 0x7F ? ((char)c).ToString() : $"U+{c:X4}")) + (characters.Count > 12 ? " ..." : "");
        int last = (automaton.Classes.Starts.Length - 1) * CodePointSet.Categories;
        var categories = CategoryNames.Where((_, category) => automaton.Classes.Table[last + category] == kind).ToList();
        string beyond = categories.Count == 0 ? "" : (characters.Count > 0 ? "; " : "") + (categories.Count > 15 ? "most others" : string.Join(" ", categories));
        return shown + beyond is { Length: > 0 } both ? both : "single characters beyond ASCII";
    }

    private static IEnumerable<string> List(IEnumerable<int> items, string indent, string close)
    {
        const int widest = 120;
        var line = new StringBuilder(indent).Append('[');
        foreach (int item in items)
        {
            if (line.Length > widest)
            {
                yield return line.ToString().TrimEnd();
                line.Clear().Append(indent).Append(' ');
            }
            line.Append(item.ToString(CultureInfo.InvariantCulture)).Append(", ");
        }
        yield return line.ToString().TrimEnd(' ', ',') + close;
    }

    private static string Xml(string text) => new StringBuilder(text).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")
        .Replace("\r", "\\r").Replace("\n", "\\n").ToString();
}
