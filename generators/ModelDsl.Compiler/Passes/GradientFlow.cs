using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>Which values depend on what is differentiated: a gradient is worth computing at those alone.</summary>
internal static class GradientFlow
{
    /// <summary>The nodes of a region that depend on a leaf for which <paramref name="from"/> holds.</summary>
    public static HashSet<Node> Of(Graph region, Func<Node, bool> from)
    {
        var reached = new HashSet<Node>();
        foreach (var node in region.Nodes)
        {
            bool floats = node.Types.Any(t => t.DType == DType.F32);
            if (floats && !node.Is<StopGradient>() && (from(node) || node.Inputs.Any(reached.Contains))) reached.Add(node);
        }
        return reached;
    }

    /// <summary>Which inputs of a scan carry what is differentiated, given which do at its start: a carry may gain it within.</summary>
    public static bool[] OfScan(Node scan, bool[] inputs)
    {
        var body = scan.Regions[0];
        var parameters = Scan.Parameters(body);
        var active = inputs.Select((a, i) => a && parameters[i].DType == DType.F32).ToArray();
        for (bool changed = true; changed;)
        {
            changed = false;
            var reached = Of(body, p => parameters.Select((q, i) => ReferenceEquals(p, q) && active[i]).Any(a => a));
            for (int i = 0; i < scan.Attributes.Int("carries"); i++)
                if (!active[i] && reached.Contains(body.Results[i].Node)) active[i] = changed = true;
        }
        return active;
    }
}
