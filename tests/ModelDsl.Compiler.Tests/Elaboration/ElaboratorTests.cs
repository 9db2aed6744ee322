using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes.Decode;

namespace ModelDsl.Compiler.Tests.Elaboration;

public class ElaboratorTests
{
    private static Variant Only(string model)
    {
        var elaborated = Elaborator.Elaborate(Specs.Parse(model), Specs.Layers);
        Assert.Empty(elaborated.Diagnostics);
        var variant = Assert.Single(elaborated.Variants);
        Verifier.Verify(variant.Training.Graph);
        Verifier.Verify(variant.Forward.Graph);
        return variant;
    }

    [Fact]
    public void ALossOfItsOwnHasItsParametersAsInputs()
    {
        var variant = Assert.Single(Elaborator.Elaborate(Specs.Classifier, Specs.Layers).Variants);
        Assert.Equal(["image f32[B, Pixels]", "labels i32[B]"], variant.Training.Inputs.Select(i => $"{i.Name} {i.Type}"));
        Assert.Equal(["Up.Weight", "Up.Bias", "Down.Weight", "Down.Bias"], variant.Weights.Select(w => w.Name));
        Assert.Equal("Classes", variant.Training.Inputs[1].Limit?.ToString());
        Assert.Equal(["output"], variant.Forward.Graph.Results.Select(r => r.Name));
    }

    [Fact]
    public void ALanguageModelHasTheLossOfTheNextToken()
    {
        var elaborated = Elaborator.Elaborate(Specs.Gpt2, Specs.Layers);
        var variant = Assert.Single(elaborated.Variants);
        Assert.Equal(["tokens i32[B, T] below Vocab", "targets i32[B, T] below Vocab"], variant.Training.Inputs.Select(i => $"{i.Name} {i.Type} below {i.Limit}"));
        Assert.Equal(["loss"], variant.Training.Graph.Results.Select(r => r.Name));
        Assert.Equal(["logits"], variant.Forward.Graph.Results.Select(r => r.Name));
        Assert.Equal(["Context"], variant.LengthLimits.Select(l => l.ToString()));
    }

    [Fact]
    public void WeightsOfARepeatAreStackedAndTiedOnesAreOne()
    {
        var weights = Elaborator.Elaborate(Specs.Gpt2, Specs.Layers).Variants[0].Weights;
        Assert.Equal(16, weights.Count);
        Assert.Equal(["Token.Weight"], weights.Where(w => w.Name.StartsWith("Token")).Select(w => w.Name));
        var joint = weights.Single(w => w.Name == "Blocks.{}.Attention.Joint.Weight");
        Assert.Equal(["Layers"], joint.Counts.Select(c => c.ToString()));
        Assert.Equal("[3 * Width, Width]", joint.Shape.ToString());
        Assert.True(joint.Decay);
        Assert.False(weights.Single(w => w.Name == "Blocks.{}.Attention.Joint.Bias").Decay);
    }

    [Fact]
    public void GuardsAreWhatConstructorsMustCheck()
    {
        var guards = Elaborator.Elaborate(Specs.Gpt2, Specs.Layers).Variants[0].Guards;
        Assert.Equal(
            ["Vocab >= 1", "Width >= 1", "Context >= 1", "Layers >= 1", "Heads >= 1", "Width % Heads == 0"], guards.Select(g => g.Condition));
        Assert.Equal("Width must be a multiple of Heads", guards[5].Message);
    }

    [Fact]
    public void AScanClosesOverNothing()
    {
        var scan = Only("""
            (spec 1 Model T.M M T public
             (hyperparameter Width Int int 8)
             (hyperparameter Layers Int int 3)
             (hyperparameter Rate Float float 0.5f)
             (member Enter (new T.Linear (Inputs .Width) (Outputs .Width)))
             (member Blocks (repeat .Layers layer (new T.Scaled (Width .Width) (Factor (/ .Rate (cast float (+ $layer 1)))))))
             (method Forward ((x Tensor (shape .Width)))
              (let (y) (call .Enter Forward (x $x)))
              (return (call .Blocks Forward (x $x) (first $y))))
             (method Loss ((x Tensor (shape .Width)))
              (return (op SumAll (x (call _ Forward (x $x)))))))
            """).Training.Graph.Nodes.Single(n => n.Is<Scan>());
        Assert.Equal(["carry x", "slice Blocks.{}.Weight", "shared add"], scan.Regions[0].Nodes.Where(n => n.Is<Parameter>())
            .Select(n => $"{n.Attributes.Get<string>("kind")} {n.Attributes.Get<string>("name")}"));
        Assert.Contains(scan.Regions[0].Nodes, n => n.Is<LayerIndex>());
        Assert.Contains(scan.Regions[0].Nodes, n => n.Is<Hyper>());
    }

    [Fact]
    public void RepeatsNest()
    {
        var variant = Only("""
            (spec 1 Model T.M M T public
             (hyperparameter Vocab Int int 8)
             (hyperparameter Width Int int 8)
             (hyperparameter Stages Int int 2)
             (hyperparameter Depth Int int 3)
             (member Token (new T.Embedding (Rows .Vocab) (Width .Width)))
             (member Stages_ (repeat .Stages stage (new T.Stage (Width .Width) (Depth .Depth) (Window (+ $stage 1)))))
             (method Forward ((tokens Tokens))
              (return (call .Token Project (x (call .Stages_ Forward (x (call .Token Lookup (ids $tokens)))))))))
            """);
        var weight = variant.Weights.Single(w => w.Name == "Stages_.{}.Blocks.{}.Joint.Weight");
        Assert.Equal(["Stages", "Depth"], weight.Counts.Select(c => c.ToString()));
        var decode = LowerDecode.Run(variant.Forward);
        Assert.Null(decode.Reason);
        Verifier.Verify(decode.Graph!);
        Assert.Equal(
            ["Stages_.{}.Blocks.{}.Keys: Depth * Stages layers", "Stages_.{}.Blocks.{}.Values: Depth * Stages layers"],
            decode.States.Select(s => $"{s.Name}: {s.Layers} layers"));
    }

    [Fact]
    public void EachStructureInUseIsAVariant()
    {
        var elaborated = Elaborator.Elaborate(Specs.Parse("""
            (spec 1 Model T.M M T public
             (hyperparameter Width Int int 8)
             (hyperparameter UseBias Bool bool true)
             (member Only (new T.Linear (Inputs .Width) (Outputs .Width) (UseBias .UseBias)))
             (method Forward ((x Tensor (shape .Width))) (return (call .Only Forward (x $x))))
             (method Loss ((x Tensor (shape .Width))) (return (op SumAll (x (call _ Forward (x $x))))))
             (preset Wide (new T.M (Width 16)))
             (preset Plain (new T.M (UseBias false))))
            """), Specs.Layers);
        Assert.Empty(elaborated.Diagnostics);
        Assert.Equal(["UseBias=true: Only.Weight Only.Bias", "UseBias=false: Only.Weight"],
            elaborated.Variants.Select(v => $"{v.Key}: {string.Join(" ", v.Weights.Select(w => w.Name))}"));
    }
}
