using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>What a kernel computes, a line a result, as a person would write it: in terms of its fields, a result by its name once it is told.</summary>
internal static class KernelDocumentation
{
    private const int LongestLine = 110;

    /// <param name="name">Of a result, and of an input.</param>
    public static EquatableArray<string> Describe(Unit unit, IReadOnlyList<Node> results, Func<Node, string> name)
    {
        var expanded = new HashSet<Node>(unit.Members);
        var lines = new List<string>();
        foreach (var result in results)
        {
            lines.Add($"{name(result)} = {Cut(Formula(result, expanded, name, depth: 0))}   {result.Shape}");
            expanded.Remove(result);
        }
        return lines.Distinct().ToEquatableArray();
    }

    private static string Formula(Node node, HashSet<Node> expanded, Func<Node, string> name, int depth)
    {
        if (node.Is<Constant>()) return node.Attributes.Get<double>("value").ToString("G6", CultureInfo.InvariantCulture);
        if (node.Is<Hyper>()) return node.Attributes.Get<string>("name");
        if (node.Is<Size>()) return node.Attributes.Get<Polynomial>("value").ToString();
        var root = node.Root();
        if (root.IsHostScalar() && root != node) return Formula(root, expanded, name, depth);
        if (!expanded.Contains(root) && !root.IsHostScalar()) return name(node);
        if (depth > 12) return "...";
        var arguments = root.Inputs.Select(i => Formula(i, expanded, name, depth + 1)).ToArray();
        string Infix(string symbol) => $"({arguments[0]} {symbol} {arguments[1]})";
        return root.Operation.Name switch
        {
            "add" => Infix("+"),
            "sub" => Infix("-"),
            "mul" => Infix("*"),
            "div" => Infix("/"),
            "neg" => "-" + arguments[0],
            "cast" => arguments[0],
            "sum" when root.IsColumnReduction() => $"sum over rows({Bare(arguments[0])})",
            _ => $"{root.Operation.Name}({string.Join(", ", arguments.Select(Bare))})",
        };
    }

    private static string Cut(string text)
    {
        text = Bare(text);
        return text.Length <= LongestLine ? text : text.Substring(0, LongestLine) + "...";
    }

    /// <summary>Without parentheses around the whole.</summary>
    private static string Bare(string text) =>
        text.StartsWith("(") && text.EndsWith(")") && Balanced(text.Substring(1, text.Length - 2)) ? text.Substring(1, text.Length - 2) : text;

    private static bool Balanced(string text)
    {
        int open = 0;
        foreach (char c in text)
        {
            if (c == '(') open++;
            if (c == ')' && --open < 0) return false;
        }
        return open == 0;
    }
}
