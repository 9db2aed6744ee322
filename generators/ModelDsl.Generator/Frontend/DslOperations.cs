using ModelDsl.Compiler.Ir;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Generator.Frontend;

/// <summary>The methods of ModelDsl.Ops: the faces of the compiler's operations.</summary>
internal static class DslOperations
{
    public static readonly IReadOnlyList<SurfaceMethod> Methods = OperationTable.All.SelectMany(operation => operation.Surface)
        .OrderBy(method => method.Signature, System.StringComparer.Ordinal).ToArray();

    public static readonly HashSet<string> Names = [.. Methods.Select(method => NameOf(method.Signature))];

    /// <summary>"Tensor Softmax(Tensor x, int axis = -1)": Softmax.</summary>
    public static string NameOf(string signature)
    {
        // The parameter list opens at the parenthesis that closes last; a tuple as the result opens one before it.
        int open = signature.Length - 1;
        for (int depth = 0; open >= 0; open--)
        {
            if (signature[open] == ')') depth++;
            if (signature[open] == '(' && --depth == 0) break;
        }
        string head = signature.Substring(0, open);
        return head.Substring(head.LastIndexOf(' ') + 1);
    }
}
