using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>A number that the host knows, as C# over the hyperparameters and the index of the loop around.</summary>
internal static class HostScalar
{
    /// <param name="index">The symbol of the surrounding loop's index.</param>
    /// <param name="parameters">The text of parameters that are numbers.</param>
    public static string Text(Node node, string index, IReadOnlyDictionary<Node, string> parameters)
    {
        string[] arguments = node.Inputs.Select(i => Text(i, index, parameters)).ToArray();
        switch (node.Operation.Name)
        {
            case "constant":
                double value = node.Attributes.Get<double>("value");
                return node.DType == DType.F32 ? Literal((float)value) : node.DType == DType.Bool ? (value != 0 ? "true" : "false") : ((long)value).ToString(CultureInfo.InvariantCulture);
            case "hyper": return node.Attributes.Get<string>("name");
            case "parameter": return parameters[node];
            case "index": return index;
            case "size": return "(" + node.Attributes.Get<Polynomial>("value") + ")";
            case "reshape" or "broadcast": return arguments[0];
            case "cast": return node.DType switch { DType.F32 => $"(float){arguments[0]}", DType.I32 => $"(int){arguments[0]}", _ => arguments[0] };
            case "add": return $"({arguments[0]} + {arguments[1]})";
            case "sub": return $"({arguments[0]} - {arguments[1]})";
            case "mul": return $"({arguments[0]} * {arguments[1]})";
            case "div": return $"({arguments[0]} / {arguments[1]})";
            case "mod": return $"({arguments[0]} % {arguments[1]})";
            case "neg": return $"-{arguments[0]}";
            case "where": return $"({arguments[0]} ? {arguments[1]} : {arguments[2]})";
            case "equal": return $"({arguments[0]} == {arguments[1]})";
            case "less": return $"({arguments[0]} < {arguments[1]})";
            case "lessequal": return $"({arguments[0]} <= {arguments[1]})";
            case "and": return $"({arguments[0]} && {arguments[1]})";
            case "or": return $"({arguments[0]} || {arguments[1]})";
            case "not": return $"!{arguments[0]}";
            default: return string.Format(CultureInfo.InvariantCulture, node.Operation.CSharp!.Scalar, arguments);
        }
    }

    /// <summary>A float literal that reads back as the same float.</summary>
    public static string Literal(float value) =>
        float.IsPositiveInfinity(value) ? "float.PositiveInfinity"
        : float.IsNegativeInfinity(value) ? "float.NegativeInfinity"
        : float.IsNaN(value) ? "float.NaN"
        : value.ToString("G9", CultureInfo.InvariantCulture) + "f";
}
