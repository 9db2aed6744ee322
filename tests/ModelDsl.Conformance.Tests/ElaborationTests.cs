using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Conformance.Tests.Support;

namespace ModelDsl.Conformance.Tests;

public class ElaborationTests
{
    public static TheoryData<string> Models => new(ModelSpecs.Names);

    [Theory]
    [MemberData(nameof(Models))]
    public void EveryModelElaboratesToValidGraphs(string name)
    {
        var model = ModelSpecs.Elaborate(name);
        Assert.Empty(model.Diagnostics);
        Assert.NotEmpty(model.Variants);
        foreach (var variant in model.Variants)
        {
            Verifier.Verify(variant.Training.Graph);
            Verifier.Verify(variant.Forward.Graph);
            Assert.Equal("loss", Assert.Single(variant.Training.Graph.Results).Name);
        }
    }
}
