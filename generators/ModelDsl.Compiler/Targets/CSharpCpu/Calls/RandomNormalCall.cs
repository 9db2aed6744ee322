using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu.Calls;

internal sealed class RandomNormalCall : CSharpCall<RandomNormal>
{
    public override InputForm Input(Node node, int index) => InputForm.Host;
    public override ResultForm Result(Node node, int index) => new(int.MaxValue);

    public override void Print(CallPrinter call)
    {
        string layer = call.Node.Inputs.Count == 0 ? "0" : call.Text(call.Host(0));
        call.Comment("independent normal numbers, mean 0, variance 1");
        call.Launch("RandomNormals", null, ("Destination", call.Pointer(call.Result())), ("Count", call.Long(call.Result().Shape.Count)),
            ("Key", $"RandomNormals.KeyOf(Seed, Step, {CounterRandom.Hash(call.Node.Attributes.Get<string>("stream"))}UL, {layer})"));
    }
}
