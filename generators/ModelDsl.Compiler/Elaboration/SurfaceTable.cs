using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>The methods of the DSL's facade by name, with their parameters read from their signatures.</summary>
internal static class SurfaceTable
{
    private static readonly ILookup<string, SurfaceEntry> ByName =
        OperationTable.All.SelectMany(o => o.Surface).Select(SurfaceEntry.Read).ToLookup(e => e.Method.Name);

    public static IEnumerable<string> Names => ByName.Select(e => e.Key);

    public static IEnumerable<SurfaceEntry> Find(string name) => ByName[name];
}

internal sealed record SurfaceEntry(SurfaceMethod Method, EquatableArray<SurfaceParameter> Parameters)
{
    /// <summary>"Tensor Softmax(Tensor x, int axis = -1)": the parameters stand in the last parentheses.</summary>
    public static SurfaceEntry Read(SurfaceMethod method)
    {
        string signature = method.Signature;
        int open = signature.LastIndexOf('('), end = signature.LastIndexOf(')');
        var parameters = signature.Substring(open + 1, end - open - 1).Split(',').Select(p => p.Trim()).Where(p => p.Length > 0);
        return new SurfaceEntry(method, parameters.Select(Parameter).ToEquatableArray());
    }

    private static SurfaceParameter Parameter(string text)
    {
        string[] sides = text.Split('=');
        string[] words = sides[0].Trim().Split(' ');
        return new SurfaceParameter(words[words.Length - 2], words[words.Length - 1], sides.Length > 1);
    }
}

internal sealed record SurfaceParameter(string Type, string Name, bool IsOptional);
