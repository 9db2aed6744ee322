using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;

namespace ModelDsl.Compiler.Tests.Passes;

public class ScanSimplifierTests
{
    private const string Loop = """
        %0 = parameter dtype="f32" kind="input" name="x" shape=[W] : f32[W]
        %1 = parameter dtype="f32" kind="weight" name="w" shape=[L, W] : f32[L, W]
        %2 = constant dtype="f32" value=3.0 : f32[]
        %3 = scan %0, %0, %1, %1, %2 carries=2 count={L} reverse=false slices=2 : f32[W], f32[W], f32[L, W], f32[L, W] {
          %0 = parameter dtype="f32" kind="carry" name="x" shape=[W] : f32[W]
          %1 = parameter dtype="f32" kind="carry" name="same" shape=[W] : f32[W]
          %2 = parameter dtype="f32" kind="slice" name="w" shape=[W] : f32[W]
          %3 = parameter dtype="f32" kind="slice" name="unread" shape=[W] : f32[W]
          %4 = parameter dtype="f32" kind="shared" name="three" shape=[] : f32[]
          %5 = mul %2, %4 : f32[W]
          %6 = add %0, %5 : f32[W]
          %7 = mul %6, %1 : f32[W]
          %8 = exp %2 : f32[W]
          %9 = sin %2 : f32[W]
          result "x" %7
          result "same" %1
          result "dropped" %8
          result "kept" %9
        }
        %4 = output %3 index=0 : f32[W]
        %5 = output %3 index=1 : f32[W]
        %6 = output %3 index=3 : f32[L, W]
        result "last" %4
        result "same" %5
        result "kept" %6

        """;

    private const string Simple = """
        %0 = parameter dtype="f32" kind="input" name="x" shape=[W] : f32[W]
        %1 = parameter dtype="f32" kind="weight" name="w" shape=[L, W] : f32[L, W]
        %2 = scan %0, %1, %0 carries=1 count={L} reverse=false slices=1 : f32[W], f32[L, W] {
          %0 = parameter dtype="f32" kind="carry" name="x" shape=[W] : f32[W]
          %1 = parameter dtype="f32" kind="slice" name="w" shape=[W] : f32[W]
          %2 = parameter dtype="f32" kind="shared" name="same" shape=[W] : f32[W]
          %3 = constant dtype="f32" value=3.0 : f32[]
          %4 = mul %1, %3 : f32[W]
          %5 = add %0, %4 : f32[W]
          %6 = mul %5, %2 : f32[W]
          %7 = sin %1 : f32[W]
          result "x" %6
          result "kept" %7
        }
        %3 = output %2 index=0 : f32[W]
        %4 = output %2 index=1 : f32[L, W]
        result "last" %3
        result "same" %0
        result "kept" %4

        """;

    [Fact]
    public void A_loop_keeps_what_is_read() =>
        Assert.Equal(Simple.ReplaceLineEndings("\n"), GraphText.Print(Simplify.Run(GraphParser.Parse(Loop))));
}
