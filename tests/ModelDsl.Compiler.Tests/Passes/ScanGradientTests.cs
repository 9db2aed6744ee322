using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Compiler.Tests.Passes;

/// <summary>The gradient of a loop over layers.</summary>
public class ScanGradientTests
{
    private static readonly Graph Model = SmallLlama.Build();
    private static readonly Dictionary<string, double[]> Inputs = Layers.Inputs(Model);

    [Theory]
    [InlineData(RecomputePolicy.Pointwise)]
    [InlineData(RecomputePolicy.None)]
    [InlineData(RecomputePolicy.Layer)]
    public void Agrees_with_the_unrolled_model(RecomputePolicy policy)
    {
        var expected = Trained(SmallLlama.Build(unroll: true), policy);
        var actual = Trained(Model, policy);
        Near.Check($"{policy}", expected, actual, roundings: 1e4);
    }

    [Fact]
    public void Agrees_with_finite_differences()
    {
        var gradients = Trained(Model, RecomputePolicy.Pointwise).Where(r => r.Key.StartsWith("gradient:")).ToDictionary(r => r.Key["gradient:".Length..], r => r.Value);
        Assert.Equal(10, gradients.Count);
        FiniteDifferences.Check(Inputs, gradients, () => Evaluate(Model)["loss"][0], magnitude: 10, samples: 6);
    }

    [Fact]
    public void Is_a_scan_the_other_way_over_stacked_gradients()
    {
        var scans = Training(RecomputePolicy.Pointwise).Nodes.Where(n => n.Is<Scan>()).ToArray();
        Assert.Equal([false, true], scans.Select(s => s.Attributes.Get<bool>("reverse")));
        Assert.Equal(["gradient.x", .. Model.Nodes.Single(n => n.Is<Scan>()).Regions[0].Nodes.Where(n => n.Is<Parameter>()).Skip(1).SkipLast(1).Select(p => "gradient." + p.Attributes.Get<string>("name"))],
            scans[1].Regions[0].Results.Select(r => r.Name));
    }

    [Theory]
    [InlineData(RecomputePolicy.Layer, "x")]
    [InlineData(RecomputePolicy.Pointwise, "x, Attend.rsqrt, Attend.rope, Attend.rope2, Attend.matmul, Attend.attention, Attend.logSumExp, Attend.add, Feed.rsqrt, Feed.matmul")]
    public void Keeps_what_the_policy_says(RecomputePolicy policy, string kept)
    {
        var forward = Training(policy).Nodes.First(n => n.Is<Scan>());
        Assert.Equal(kept.Split(", ").Order(), forward.Regions[0].Results.Skip(1).Select(r => r.Name).Order());
    }

    private static Graph Training(RecomputePolicy policy) => new PassManager(PassManager.Training(CSharpCpuTarget.Rules, new DifferentiateOptions(policy))).Run(Model);
    private static Dictionary<string, double[]> Trained(Graph model, RecomputePolicy policy) =>
        Evaluate(new PassManager(PassManager.Training(CSharpCpuTarget.Rules, new DifferentiateOptions(policy))).Run(model));
    private static Dictionary<string, double[]> Evaluate(Graph graph) => new Interpreter(Layers.Symbols, Inputs).Evaluate(graph);
}
