using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes.Lowering;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>What every emitted program of a model has: its hyperparameters, where its weights begin, and its description.</summary>
internal static class ProgramFields
{
    /// <summary>What stands for each weight and input in a launch list: the field with its offset; its place in the table.</summary>
    public static Dictionary<string, string> Offsets(Variant variant, ModelGraph graph)
    {
        var offsets = variant.Weights.ToDictionary(w => w.Name, w => Field(w.Name));
        for (int i = 0; i < graph.Inputs.Count; i++) offsets.Add(graph.Inputs[i].Name, i.ToString(CultureInfo.InvariantCulture));
        return offsets;
    }

    /// <param name="inherited">Members of the base class, which a hyperparameter of their name hides.</param>
    public static void PrintFields(CodeWriter code, RecordSpec model, Variant variant, params string[] inherited)
    {
        code.Line($"private readonly {model.Name} _model;");
        foreach (var hyper in Numbers(model)) code.Line($"private {(inherited.Contains(hyper.Name) ? "new " : "")}readonly {(hyper.Kind == HyperparameterKind.Int ? "int" : "float")} {hyper.Name};");
        if (variant.Weights.Count > 0)
            code.Line($"private readonly long {string.Join(", ", variant.Weights.Select(w => Field(w.Name)))};   // where each weight begins, in floats");
        code.Line("private Device _device = null!;");
    }

    /// <summary>The constructor's part in them.</summary>
    public static void PrintAssignments(CodeWriter code, RecordSpec model, Variant variant)
    {
        code.Line("_model = model;");
        foreach (var hyper in Numbers(model)) code.Line($"{hyper.Name} = model.{hyper.Name};");
        code.Line("var table = new WeightTable();");
        foreach (var weight in variant.Weights)
            code.Line($"{Field(weight.Name)} = table.Add(\"{weight.Name}\", [{string.Join(", ", weight.Counts)}], [{string.Join(", ", weight.Shape.Sizes)}], "
                + $"Init.{weight.Init}, {HostScalar.Literal(weight.Std)}, decay: {(weight.Decay ? "true" : "false")});");
        code.Line("Weights = table.Weights;");
    }

    public static void PrintDescription(CodeWriter code, RecordSpec model)
    {
        code.Line().Line($"public override string ModelName => \"{model.Name}\";").Line();
        code.Line($"public override string Hyperparameters => FormattableString.Invariant($\"{string.Join(" ", model.Hyperparameters.Select(h => $"{h.Name}={{_model.{h.Name}}}"))}\");");
        code.Line().Line("public override IReadOnlyList<WeightInfo> Weights { get; }");
    }

    /// <summary>Throws where a parameter "length" is beyond what the model's tables of positions have.</summary>
    public static void PrintLengthCheck(CodeWriter code, Variant variant)
    {
        foreach (var limit in variant.LengthLimits)
            code.Line($"if (length > {Sizes.Int(limit)}) throw new ArgumentOutOfRangeException(nameof(length), length, $\"{{ModelName}} takes sequences of at most {limit} = {{{Sizes.Int(limit)}}} tokens.\");");
    }

    public static string Describe(Input input)
    {
        bool perToken = IsPerToken(input.Type.Shape);
        return $"new InputInfo(\"{input.Name}\", InputKind.{(input.Type.DType == DType.I32 ? "Int32" : "Float32")}, PerToken: {(perToken ? "true" : "false")}, "
            + $"[{string.Join(", ", input.Type.Shape.Sizes.Skip(perToken ? 2 : 1))}], {(input.Limit is null ? "0" : Sizes.Int(input.Limit))})";
    }

    /// <summary>Whether a shape begins with [B, T] rather than [B].</summary>
    public static bool IsPerToken(Shape shape) => shape.Rank > 1 && shape[1].Equals(Polynomial.Symbol("T"));

    /// <summary>"Blocks.{}.Norm.Scale" is _blocksNormScale.</summary>
    public static string Field(string name) => "_" + Naming.Camel(string.Concat(name.Split('.').Where(p => p != "{}").Select(Naming.Pascal)));

    private static IEnumerable<HyperparameterSpec> Numbers(RecordSpec model) =>
        model.Hyperparameters.Where(h => h.Kind is HyperparameterKind.Int or HyperparameterKind.Float);
}
