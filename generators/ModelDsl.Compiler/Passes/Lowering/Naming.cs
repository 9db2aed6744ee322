using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>Names in emitted code, from the member path that a node comes from and what it does.</summary>
internal static class Naming
{
    /// <summary>"attentionQuery", "normSum": the last two members of the path, or the weight or input it is; camel case.</summary>
    public static string Of(Node node)
    {
        if (node.Is<Output>() && node.Inputs[0].Is<Scan>()) return OfResult(node.Inputs[0], node.Attributes.Int("index"));
        var root = node.Root();
        if (root.IsParameter()) return Camel(Last(root.Attributes.Get<string>("name"), 2));
        string path = Last(node.Origin?.Path ?? root.Origin?.Path ?? "", 2);
        string what = root.Operation.Name switch
        {
            "matmul" => "Product",
            "sum" => "Sum",
            "reducemax" => "Maximum",
            "scan" => "Scan",
            "attention" => "Output",
            _ => "",
        };
        string name = path + (path.Length == 0 || what.Length > 0 && !path.EndsWith(what) ? what : "");
        return Camel(name.Length == 0 ? root.Operation.Name : name);
    }

    /// <summary>The name of one result: of a scan, what the layers leave behind.</summary>
    public static string OfResult(Node node, int result)
    {
        if (!node.Is<Scan>()) return Of(node) + (node.Types.Count > 1 ? new[] { "", "LogSumExp", "2" }[System.Math.Min(result, 2)] : "");
        var made = node.Regions[0].Results[result].Node;
        return result < node.Attributes.Int("carries") ? Of(made) : "every" + Pascal(Of(made));
    }

    public static string Camel(string name) => name.Length == 0 ? "value" : char.ToLowerInvariant(name[0]) + name.Substring(1);
    public static string Pascal(string name) => name.Length == 0 ? "Value" : char.ToUpperInvariant(name[0]) + name.Substring(1);

    private static string Last(string path, int count)
    {
        var parts = path.Split('.').Where(p => p.Length > 0 && p != "{}").ToArray();
        return string.Concat(parts.Skip(parts.Length - System.Math.Min(count, parts.Length)).Select(p => Pascal(new string(p.Where(c => char.IsLetterOrDigit(c) || c == '_').ToArray()))));
    }
}
