using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>
/// The names that a value may have, the shortest first: the layer whose result it is ("mlpNorm"), the local variable of the
/// record that holds it ("query"), or the layer and the value's role in it ("mlpNormRstd"); each with more of the member path in
/// front. The gradient of a value has its names after "d".
/// </summary>
internal static class BufferNames
{
    /// <summary>The names of a result of a node.</summary>
    /// <param name="suffix">What distinguishes the buffer from the value itself: "Contiguous".</param>
    public static BufferOrigin Of(Node node, int result = 0, string suffix = "") => new(Names(node, result).Select(n => n + suffix).ToEquatableArray(), IsGradient(node, result));

    /// <summary>The partial sums of what a buffer gets.</summary>
    public static BufferOrigin OfPartials(BufferOrigin origin) => origin with { Names = origin.Names.Select(n => n + PartialsSuffix).ToEquatableArray() };

    /// <summary>Memory for the length of a call.</summary>
    public static BufferOrigin OfScratch(Node node, string role)
    {
        string[] path = Words(node.Origin?.Path ?? "");
        return new BufferOrigin(Longer(path.Length == 0 ? [Pascal(node.Operation.Name), role] : [.. path, role], 2).ToEquatableArray());
    }

    /// <summary>The names of a weight, an input or a state, from its path.</summary>
    public static BufferOrigin OfPath(string path) => new(Longer(Words(path), path.Contains('.') ? 2 : 1).ToEquatableArray());

    public static BufferOrigin GradientOf(BufferOrigin origin) => new(origin.Names.Select(Gradient).ToEquatableArray(), Gradient: true);

    /// <summary>What goes from layer to layer: the parameter of the layer's Forward.</summary>
    public static BufferOrigin OfCarry(Graph body, Node scan, int carry)
    {
        string name = Scan.Parameters(body)[carry].ParameterName();
        bool gradient = name.StartsWith(GradientPrefix);
        string[] words = [.. RepeatPath(scan), Pascal(Words(gradient ? name.Substring(GradientPrefix.Length) : name).Last())];
        return new BufferOrigin(Longer(words, 1).Select(n => gradient ? Gradient(n) : n).ToEquatableArray(), gradient);
    }

    /// <summary>The repeat that a loop is.</summary>
    public static string OfLoop(Node scan) => RepeatPath(scan).LastOrDefault() ?? "Layers";

    /// <summary>The member path of the repeat that a scan is: what the paths of its body share before the index.</summary>
    private static string[] RepeatPath(Node scan)
    {
        string[] paths = [.. scan.Regions[0].Nodes.Select(n => n.Origin?.Path ?? "").Where(p => p.Contains("{}"))];
        if (paths.Length == 0) return Words(scan.Origin?.Path ?? "");
        string path = paths.OrderBy(p => p.Split(["{}"], System.StringSplitOptions.None).Length).First();
        return Words(path.Substring(0, path.LastIndexOf("{}", System.StringComparison.Ordinal)));
    }

    /// <summary>The shortest name of a value.</summary>
    public static string OfValue(Node node) => Names(node, 0)[0];

    /// <summary>
    /// "MlpNorm", "AttentionResidualMlpNorm", "MlpUp": the layers whose values a kernel computes; in a backward pass, the layers
    /// that it is the gradient of.
    /// </summary>
    public static string OfKernel(IReadOnlyList<Node> members, IReadOnlyList<Node> results)
    {
        // Backward, results are the gradients of what a layer was given: the other members say which layer it is.
        var inner = members.Where(m => !results.Contains(m) && m.Origin is { Path.Length: > 0 }).ToArray();
        bool gradient = results.Any(n => n.Origin?.Gradient == true) && inner.Length > 0;
        var words = new List<string>();
        foreach (string word in (gradient ? inner : results).Select(KernelWord))
            if (word.Length > 0 && !words.Any(w => word.StartsWith(w))) words.Add(word);
        return string.Concat(words.Take(3));
    }

    /// <summary>"MlpNormBias": the weight whose gradient's partial sums a kernel computes.</summary>
    public static string OfColumnSum(TensorBuffer partials)
    {
        string name = partials.Origin.Names[0];
        if (name.EndsWith(PartialsSuffix)) name = name.Substring(0, name.Length - PartialsSuffix.Length);
        return Pascal(partials.Origin.Gradient ? name.Substring(1) : name);
    }

    /// <summary>A hyperparameter's own name; a size's symbol; empty for expressions.</summary>
    public static string OfScalar(HostExpression value) => value switch
    {
        HostSymbol symbol => Pascal(symbol.Name),
        HostApply { Operation: Cast } cast => OfScalar(cast.Arguments[0]),
        HostSize { Value.Terms: { Count: 1 } terms } when terms[0] is { Coefficient: 1, Monomial.Factors: { Count: 1 } factors } && factors[0] is Symbol symbol => Pascal(symbol.Name),
        _ => "",
    };

    public static string Camel(string name) => name.Length == 0 ? "value" : char.ToLowerInvariant(name[0]) + name.Substring(1);
    public static string Pascal(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name.Substring(1);

    private const string GradientPrefix = "gradient.", PartialsSuffix = "Partials";

    private static string[] Names(Node node, int result)
    {
        if (node.Is<Scan>()) return Names(node.Regions[0].Results[result].Node, 0);
        if (node.Is<Output>() && node.Inputs[0].Is<Scan>()) return Names(node.Inputs[0], node.Attributes.Int("index"));
        var value = ValueOf(node, result);
        if (value.Is<Parameter>()) return ParameterNames(value);
        var origin = value.Origin;
        string[] path = Words(origin?.Path ?? "");
        string[] names;
        if (origin is { IsOutput: true } && path.Length > 0) names = Longer(path, 1);
        else if (origin?.Label is { } label)
        {
            string[] labelPath = origin.LabelPath is null && origin.Gradient ? [] : Words(origin.LabelPath ?? origin.Path);
            names = label.Contains('.') ? Longer(Words(label), 2) : Longer([.. labelPath, Pascal(label)], 1);
        }
        else
        {
            string role = Role(node, result, value);
            names = path.Length == 0 ? [Camel(role.Length == 0 ? node.Operation.Name : role)]
                : Longer(role.Length == 0 || path[path.Length - 1].EndsWith(role) ? path : [.. path, role], role.Length == 0 ? 1 : 2);
        }
        return origin?.Gradient == true ? [.. names.Select(Gradient)] : names;
    }

    private static bool IsGradient(Node node, int result)
    {
        if (node.Is<Scan>()) return IsGradient(node.Regions[0].Results[result].Node, 0);
        return node.Is<Parameter>() ? node.ParameterName().StartsWith(GradientPrefix) : ValueOf(node, result).Origin?.Gradient == true;
    }

    private static string[] ParameterNames(Node parameter)
    {
        string name = parameter.ParameterName();
        bool gradient = name.StartsWith(GradientPrefix);
        if (gradient) name = name.Substring(GradientPrefix.Length);
        string[] names = Longer(Words(name), name.Contains('.') ? 2 : 1);
        return gradient ? [.. names.Select(Gradient)] : names;
    }

    /// <summary>The node that carries the name of a result: an output of several, or the view of the whole that the record names.</summary>
    private static Node ValueOf(Node node, int result)
    {
        if (node.IsView() && !node.Is<Output>() && node.Origin is not { HasOwnName: true }) return ValueOf(node.Inputs[0], 0);
        return node;
    }

    private static string Role(Node node, int result, Node value)
    {
        string role = node.Types.Count > 1 && node.Operation.ResultNames.Count > result ? node.Operation.ResultNames[result] : value.Role();
        return value.Operation switch
        {
            _ when value.Origin?.Role is not null || node.Types.Count > 1 => Pascal(role),
            MatMul => "Product",
            Gather => "",
            Iota => "Positions",
            Mul => "Factor",
            Add => "Total",
            Sub => "Difference",
            Div => "Ratio",
            Cast when value.Inputs[0].DType == DType.Bool => "Mask",
            _ => Pascal(role),
        };
    }

    private static string KernelWord(Node node)
    {
        var origin = node.Origin;
        string[] path = Words(origin?.Path ?? "");
        if (origin is { IsOutput: false, Label: { } label, Gradient: false } && (path.Length == 0 || label.EndsWith("Residual"))) return Pascal(label);
        return path.Length > 0 ? path[path.Length - 1] : Pascal(OfValue(node));
    }

    /// <summary>"Blocks.{}.Norm" is Blocks, Norm.</summary>
    private static string[] Words(string path) =>
        [.. path.Split('.').Where(p => p.Length > 0 && p != "{}").Select(p => Pascal(new string(p.Where(c => char.IsLetterOrDigit(c) || c == '_').ToArray())))];

    /// <summary>The last words, then ever more of them: c, bC, aBC.</summary>
    private static string[] Longer(string[] words, int fewest)
    {
        int first = System.Math.Min(fewest, words.Length);
        return [.. Enumerable.Range(first, words.Length - first + 1).Select(n => Camel(string.Concat(words.Skip(words.Length - n))))];
    }

    private static string Gradient(string name) => "d" + Pascal(name);
}

/// <summary>The last words of kernels' names.</summary>
internal static class Verbs
{
    public const string Forward = "Forward", Backward = "Backward";
}
