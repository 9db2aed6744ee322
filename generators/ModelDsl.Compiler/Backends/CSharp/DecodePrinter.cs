using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes.Decode;
using ModelDsl.Compiler.Passes.Lowering;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>The class that computes the next token's logits of a language model with the keys and values before it cached.</summary>
internal static class DecodePrinter
{
    public static void Print(CodeWriter code, string name, RecordSpec model, Variant variant, DecodeGraph decode, LaunchList list)
    {
        var caches = decode.Caches.SelectMany(c => new[] { (Name: c.Handle + ".Keys", c.Layers, Width: c.Heads * c.KeyWidth), (Name: c.Handle + ".Values", c.Layers, Width: c.Heads * c.ValueWidth) }).ToArray();
        var offsets = ProgramFields.Offsets(variant, variant.Forward);
        foreach (var cache in caches) offsets.Add(cache.Name, ProgramFields.Field(cache.Name));
        var logits = list.Results["logits"].Storage;

        code.Summary(
            $"{model.Name}{(variant.Key.Length == 0 ? "" : $" with {variant.Key}")} with cached keys and values: the logits that follow new tokens.",
            $"B: sequences. T: new tokens of each, at positions Start, Start + 1, ... Room: positions that the caches hold. The other sizes are the hyperparameters of {model.Name}.");
        code.Block($"internal sealed unsafe class {name} : DecodeProgram", () =>
        {
            ProgramFields.PrintFields(code, model, variant, "Caches", "Vocabulary", "LengthLimit");
            if (caches.Length > 0) code.Line($"private long {string.Join(", ", caches.Select(c => ProgramFields.Field(c.Name)))};   // where each cache begins, in floats");
            code.Line("private float* _weights, _scratch, _caches;");
            code.Line("private void** _inputs;");
            code.Line($"private int B, T, Start, {CacheStorage.Room};");
            code.Line("private (int B, int T) _other;");
            code.Line("private MemoryPlan _otherPlan = new();");
            code.Line();
            code.Block($"public {name}({model.Name} model)", () =>
            {
                ProgramFields.PrintAssignments(code, model, variant);
                code.Line($"base.Caches = [{string.Join(", ", caches.Select(c => $"new(\"{c.Name}\", {Sizes.Int(c.Layers)}, {Sizes.Int(c.Width)})"))}];");
                code.Line($"base.Vocabulary = {Sizes.Int(logits.Shape[-1])};");
                code.Line($"base.LengthLimit = {Limit(variant)};");
            });
            ProgramFields.PrintDescription(code, model);
            code.Line();
            code.Block("public override long ScratchFloats(int batch, int tokens)", () =>
            {
                code.Line("Prepare(batch, tokens);");
                code.Line("return _decodePlan.Floats;");
            });
            code.Line();
            code.Block("public override float* Run(Device device, in DecodeBuffers buffers)", () =>
            {
                code.Line("Prepare(buffers.Batch, buffers.Tokens);");
                code.Line("_device = device;");
                foreach (string field in new[] { "Weights", "Scratch", "Caches", "Inputs" }) code.Line($"_{Naming.Camel(field)} = buffers.{field};");
                code.Line($"(Start, {CacheStorage.Room}) = (buffers.Start, buffers.Room);");
                string before = "0";
                foreach (var cache in caches)
                {
                    code.Line($"{ProgramFields.Field(cache.Name)} = {before};");
                    before = $"{ProgramFields.Field(cache.Name)} + {Sizes.Long(cache.Layers * Polynomial.Symbol("B") * Polynomial.Symbol(CacheStorage.Room) * cache.Width)}";
                }
                code.Line("Decode();");
                code.Line($"return _scratch + _decodePlan[{list.Scratch.Select((l, i) => (l.Storage, i)).First(p => p.Storage == logits).i}];");
            });
            code.Line();
            code.Summary("Prompts and single tokens take turns: the plan before the last one is kept.");
            code.Block("private void Prepare(int batch, int tokens)", () =>
            {
                code.Line("if ((batch, tokens) == (B, T)) return;");
                code.Line("bool known = (batch, tokens) == _other;");
                code.Line("(_decodePlan, _otherPlan, _other) = (_otherPlan, _decodePlan, (B, T));");
                code.Line("(B, T) = (batch, tokens);");
                code.Line("if (!known) _decodePlan = PlanDecode();");
            });
            code.Line();
            new LaunchPrinter(code, "Decode", list, offsets).Print("The new tokens through all layers, and the last of them through the head.");
        });
    }

    private static string Limit(Variant variant) => variant.LengthLimits.Count == 0 ? "int.MaxValue"
        : variant.LengthLimits.Skip(1).Aggregate(Sizes.Int(variant.LengthLimits[0]), (least, limit) => $"Math.Min({least}, {Sizes.Int(limit)})");
}
