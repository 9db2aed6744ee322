using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Tests.Elaboration;

public class ElaboratorTests
{
    [Fact]
    public void ALossOfItsOwnHasItsParametersAsInputs()
    {
        var model = Elaborator.Elaborate(Specs.Classifier, Specs.Layers);
        Assert.Empty(model.Diagnostics);
        var variant = Assert.Single(model.Variants);
        Assert.Equal(["image f32[B, Pixels]", "labels i32[B]"], variant.Training.Inputs.Select(i => $"{i.Name} {i.Type}"));
        Assert.Equal(["Up.Weight", "Up.Bias", "Down.Weight", "Down.Bias"], variant.Weights.Select(w => w.Name));
        Assert.Equal("Classes", variant.Training.Inputs[1].Limit?.ToString());
        Verifier.Verify(variant.Training.Graph);
        Verifier.Verify(variant.Forward.Graph);
    }
}
