using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Tests.Elaboration;

public class MemberUsesTests
{
    private static readonly RecordSpec Layer = Specs.Parse("""
        (spec 1 Layer T.L L T public
         (hyperparameter Width Int int)
         (hyperparameter Flag Bool bool true)
         (hyperparameter Rate Float float)
         (weight Scale public (.Width) Ones 0.02f auto)
         (weight Shift public (.Width) Zeros 0.02f auto)
         (weight Table public (.Width .Width) Normal 0.02f auto)
         (member Half (/ .Width 2))
         (member Inner (new T.Linear (Inputs .Width) (Outputs .Width)))
         (method Forward ((x Tensor))
          (if .Flag (then (let (x) (* $x .Scale))) (else))
          (return $x)))
        """);

    [Fact]
    public void WhatNothingReadsIsUnused() =>
        Assert.Equal(["Rate", "Shift", "Table", "Inner"], MemberUses.Unused(Layer, []).Select(m => m.Name));

    [Fact]
    public void WhatAnotherRecordReadsIsUsed()
    {
        var model = Specs.Parse("""
            (spec 1 Model T.M M T public
             (member Inside (new T.L (Width 4)))
             (method Forward ((x Tensor (shape 4))) (return (* $x (.Shift .Inside)))))
            """);
        Assert.Equal(["Rate", "Table", "Inner"], MemberUses.Unused(Layer, [model]).Select(m => m.Name));
    }
}
