using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Loops;
using ModelDsl.Compiler.Passes.Lowering;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>The class that computes what a model's Forward returns, for whole batches.</summary>
internal static class ForwardPrinter
{
    public static void Print(CodeWriter code, string name, RecordSpec model, Variant variant, LaunchList list)
    {
        var results = variant.Forward.Graph.Results.Select(r => (r.Name, list.Results[r.Name].Storage)).ToArray();
        code.Summary(
            $"The Forward of {model.Name}{(variant.Key.Length == 0 ? "" : $" with {variant.Key}")} on whole batches.",
            $"B: sequences or examples in a batch. T: tokens in a sequence. The other sizes are the hyperparameters of {model.Name}.");
        code.Block($"internal sealed unsafe class {name} : ForwardProgram", () =>
        {
            ProgramFields.PrintFields(code, model, variant, "Inputs", "Results");
            code.Line("private float* _weights, _scratch;");
            code.Line("private void** _inputs;");
            code.Line("private int B, T;");
            code.Line("private long Step;");
            code.Line("private ulong Seed;");
            code.Line();
            code.Block($"public {name}({model.Name} model)", () =>
            {
                ProgramFields.PrintAssignments(code, model, variant);
                code.Line($"base.Inputs = [{string.Join(", ", variant.Forward.Inputs.Select(ProgramFields.Describe))}];");
                code.Line($"base.Results = [{string.Join(", ", results.Select(r => Describe(r.Name, r.Storage)))}];");
            });
            ProgramFields.PrintDescription(code, model);
            code.Line();
            code.Block("public override long ScratchFloats(int batch, int length)", () =>
            {
                code.Line("Prepare(batch, length);");
                code.Line("return _forwardPlan.Floats;");
            });
            code.Line();
            code.Block("public override void Run(Device device, in StepBuffers buffers, float** outputs)", () =>
            {
                code.Line("Prepare(buffers.Batch, buffers.Length);");
                code.Line("_device = device;");
                foreach (string field in new[] { "Weights", "Scratch", "Inputs" }) code.Line($"_{Naming.Camel(field)} = buffers.{field};");
                code.Line("(Step, Seed) = (buffers.Step, buffers.Seed);");
                code.Line("Forward();");
                for (int i = 0; i < results.Length; i++)
                    code.Line($"outputs[{i}] = _scratch + _forwardPlan[{list.Scratch.Select((l, place) => (l.Storage, place)).First(p => p.Storage == results[i].Storage).place}];");
            });
            code.Line();
            code.Block("private void Prepare(int batch, int length)", () =>
            {
                code.Line("if (batch == B && length == T) return;");
                ProgramFields.PrintLengthCheck(code, variant);
                code.Line("(B, T) = (batch, length);");
                code.Line("_forwardPlan = PlanForward();");
            });
            code.Line();
            new LaunchPrinter(code, "Forward", list, ProgramFields.Offsets(variant, variant.Forward)).Print("Forward of one batch.");
        });
    }

    private static string Describe(string name, Storage result)
    {
        bool perToken = ProgramFields.IsPerToken(result.Shape);
        return $"new OutputInfo(\"{name}\", PerToken: {(perToken ? "true" : "false")}, [{string.Join(", ", result.Shape.Sizes.Skip(perToken ? 2 : 1))}])";
    }
}
