using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>What a kernel computes, a line a result, as a person would write it.</summary>
internal static class KernelDocumentation
{
    private const int LongestLine = 110;

    public static EquatableArray<string> Describe(Unit unit, IEnumerable<Node> results, Func<Node, string> name)
    {
        var members = new HashSet<Node>(unit.Members);
        return results.Select(r => $"{name(r)} = {Cut(Formula(r, members, name, depth: 0))}   {r.Shape}").Distinct().ToEquatableArray();
    }

    private static string Formula(Node node, HashSet<Node> members, Func<Node, string> name, int depth)
    {
        if (node.Is("constant")) return node.Attributes.Get<double>("value").ToString("G6", CultureInfo.InvariantCulture);
        if (node.Is("hyper")) return node.Attributes.Get<string>("name");
        if (node.Is("size")) return node.Attributes.Get<Polynomial>("value").ToString();
        var root = node.Root();
        if (root.IsHostScalar() && root != node) return Formula(root, members, name, depth);
        if (!members.Contains(root) && !root.IsHostScalar()) return name(node);
        if (depth > 12) return "...";
        var arguments = root.Inputs.Select(i => Formula(i, members, name, depth + 1)).ToArray();
        string Infix(string symbol) => $"({arguments[0]} {symbol} {arguments[1]})";
        return root.Operation.Name switch
        {
            "add" => Infix("+"),
            "sub" => Infix("-"),
            "mul" => Infix("*"),
            "div" => Infix("/"),
            "neg" => "-" + arguments[0],
            "cast" => arguments[0],
            "sum" when root.IsColumnReduction() => $"sum over rows({arguments[0]})",
            _ => $"{root.Operation.Name}({string.Join(", ", arguments)})",
        };
    }

    private static string Cut(string text)
    {
        if (text.StartsWith("(") && text.EndsWith(")") && Balanced(text.Substring(1, text.Length - 2))) text = text.Substring(1, text.Length - 2);
        return text.Length <= LongestLine ? text : text.Substring(0, LongestLine) + "...";
    }

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
