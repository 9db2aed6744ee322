using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Tests.Elaboration;

/// <summary>Where findings point and what they say; that each of the catalogue is found is tested with its samples.</summary>
public class DiagnosticTests
{
    private static string Only(RecordSpec model, params RecordSpec[] library)
    {
        var elaborated = Elaborator.Elaborate(model, library);
        Assert.Empty(elaborated.Variants);
        var found = Assert.Single(elaborated.Diagnostics);
        string message = string.Format(Catalogue.Find(found.Id).Message, [.. found.Arguments]);
        return $"{found.Record} {found.Anchor}: {message}";
    }

    /// <summary>A model of one Linear whose inputs do not fit; its call has the anchor 7.</summary>
    private static RecordSpec Unfit(params RecordSpec[] imports)
    {
        var model = Specs.Parse("""
            (spec 1 Model T.M M T public
             (hyperparameter Width Int int 8)
             (hyperparameter Other Int int 4)
             (member Inner (new T.Linear (Inputs .Other) (Outputs .Width)))
             (method Forward ((x Tensor (shape .Width))) (return $x))
             (method Loss ((x Tensor (shape .Width))) (return (op SumAll (x $x)))))
            """);
        var call = new CallExpression(new MemberReference(null, "Inner", 6), "Forward", new([new("x", new LocalReference("x", 6))]), 7);
        var forward = model.Methods[0] with { Body = new([new ReturnStatement(call, 5)]) };
        return model with { Methods = new([forward, model.Methods[1]]), Imports = imports };
    }

    [Fact]
    public void AMistakeIsSeenWhereItIsWritten() =>
        Assert.StartsWith("T.Linear -1: cannot multiply [B, Width] by [Width, Other]", Only(Unfit(), Specs.Linear));

    [Fact]
    public void InALayerFromElsewhereItIsSeenAtTheCall()
    {
        string found = Only(Unfit(Specs.Linear));
        Assert.StartsWith("T.M 7: cannot multiply", found);
        Assert.EndsWith("(Width = 8, Other = 4)", found);
    }

    [Fact]
    public void PresetsAreHeldAgainstTheGuards()
    {
        var model = Specs.Parse("""
            (spec 1 Model T.M M T public
             (hyperparameter Vocab Int int 8)
             (hyperparameter Width Int int 12)
             (hyperparameter Heads Int int 3)
             (member Token (new T.Embedding (Rows .Vocab) (Width .Width)))
             (member Block (new T.Gpt2Block (Width .Width) (Heads .Heads)))
             (method Forward ((tokens Tokens)) (return (call .Token Project (x (call .Block Forward (x (call .Token Lookup (ids $tokens))))))))
             (preset Odd (new T.M (Heads 5))))
            """);
        Assert.EndsWith("Width = 12 is not a multiple of Heads = 5 in the preset Odd", Only(model, [.. Specs.Layers]));
    }

    [Fact]
    public void AMethodThatCallsItselfWithoutEndIsFound()
    {
        var model = Specs.Parse("""
            (spec 1 Model T.M M T public
             (method Forward ((tokens Tokens)) (return (call _ Again (tokens $tokens))))
             (method Again ((tokens Tokens)) (return (call _ Forward (tokens $tokens)))))
            """);
        Assert.Contains("nested too deeply", Only(model));
    }

    [Fact]
    public void IndependentMistakesAreAllFoundOnce()
    {
        var model = Specs.Parse("""
            (spec 1 Model T.M M T public
             (hyperparameter Width Int int 8)
             (hyperparameter Other Int int 9)
             (weight P public (.Width .Other) Normal 0.02f auto)
             (weight Q public (.Other) Normal 0.02f auto)
             (weight Zero public ((/ .Width 0)) Normal 0.02f auto)
             (method Forward ((x Tensor (shape .Width)))
              (let (a) (op Linear (x $x) (weight .P)))
              (let (b) (+ $a $a))
              (let (c) (+ $x .Q))
              (let (d) (* $x .Zero))
              (let (e) (op Transpose (x $x) (axes (list 0 .Width))))
              (return (+ (+ $b $c) (+ $d $e))))
             (method Loss ((x Tensor (shape .Width))) (return (op SumAll (x (call _ Forward (x $x)))))))
            """);
        // The text form has no places, so each mistake gets one.
        int anchor = 0;
        var body = model.Methods[0].Body.Select(s => s is AssignStatement { Value: var value } assign ? assign with { Value = value with { Anchor = ++anchor } } : s).ToArray();
        model = model with { Methods = new([model.Methods[0] with { Body = body }, model.Methods[1]]) };
        var elaborated = Elaborator.Elaborate(model, []);
        Assert.Empty(elaborated.Variants);
        Assert.Equal(["MD1001 at 1", "MD1001 at 3", "MD1006 at -1", "MD1001 at 5"], elaborated.Diagnostics.Select(d => $"{d.Id} at {d.Anchor}"));
    }

    /// <summary>Each would take longer than anybody waits if its time doubled with a step.</summary>
    [Theory]
    [InlineData("+", null)]
    [InlineData("*", "MD1009")]
    public void ChainedSizesTakeNoLongerThanTheyAre(string op, string? id)
    {
        string members = string.Concat(Enumerable.Range(1, 40).Select(i => $"(member P{i} ({op} .P{i - 1} .P{i - 1}))"));
        var elaborated = Elaborator.Elaborate(Specs.Parse($"""
            (spec 1 Model T.M M T public
             (hyperparameter P0 Int int 1)
             {members}
             (weight Scale public (.P40) Normal 0.02f auto)
             (method Forward ((x Tensor (shape .P0))) (return (* $x (op SumAll (x .Scale)))))
             (method Loss ((x Tensor (shape .P0))) (return (op SumAll (x (call _ Forward (x $x)))))))
            """), []);
        Assert.Equal(id is null ? [] : [id], elaborated.Diagnostics.Select(d => d.Id));
    }
}
