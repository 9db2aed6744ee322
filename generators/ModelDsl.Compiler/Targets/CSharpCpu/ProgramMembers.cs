using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>What every emitted program of a model has: its hyperparameters, its weights and its description.</summary>
internal static class ProgramMembers
{
    public static void PrintFields(CodeWriter code, RecordSpec model, string weights, Identifiers identifiers)
    {
        foreach (var (kind, type) in new[] { (HyperparameterKind.Int, "int"), (HyperparameterKind.Float, "float") })
        {
            var hypers = model.Hyperparameters.Where(h => h.Kind == kind).Select(h => identifiers.Of(h.Name)).ToArray();
            if (hypers.Length > 0) code.List($"private readonly {type} ", hypers, ";");
        }
        code.Line($"private readonly {weights} _table;").Line();
    }

    /// <summary>The constructor's part in them.</summary>
    public static void PrintAssignments(CodeWriter code, RecordSpec model, string weights, Identifiers identifiers)
    {
        foreach (var hyper in model.Hyperparameters.Where(h => h.Kind is HyperparameterKind.Int or HyperparameterKind.Float))
            code.Line($"{identifiers.Of(hyper.Name)} = model.{Identifiers.Escape(hyper.Name)};");
        code.Line($"_table = new {weights}(model);");
        if (model.Hyperparameters.Count == 0) code.Line("Hyperparameters = \"\";");
        else
            code.List("Hyperparameters = string.Join(' ', ",
                model.Hyperparameters.Select(h => $"FormattableString.Invariant($\"{h.Name}={{model.{Identifiers.Escape(h.Name)}}}\")"), ");");
    }

    public static void PrintDescription(CodeWriter code, RecordSpec model)
    {
        code.Line().Line($"public override string ModelName => \"{model.Name}\";");
        code.Line("public override string Hyperparameters { get; }");
        code.Line("public override IReadOnlyList<WeightInfo> Weights => _table.Table;");
    }

    /// <summary>Throws where a parameter "length" is beyond what the model's tables of positions have.</summary>
    public static void PrintLengthCheck(CodeWriter code, Variant variant, Identifiers identifiers)
    {
        code.Line();
        code.Block("protected override void CheckLength(int length)", () =>
        {
            foreach (var limit in variant.LengthLimits)
            {
                string text = WeightsPrinter.Plain(limit, identifiers);
                code.Line($"if (length > {text})").Indent(() => code.Line(
                    $"throw new ArgumentOutOfRangeException(nameof(length), length, $\"{{ModelName}} takes sequences of at most {limit} = {{{text}}} tokens.\");"));
            }
        });
    }

    public static string Describe(Input input, Identifiers identifiers)
    {
        bool perToken = IsPerToken(input.Type.Shape);
        string sizes = string.Join(", ", input.Type.Shape.Sizes.Skip(perToken ? 2 : 1).Select(s => WeightsPrinter.Plain(s, identifiers)));
        return $"new InputInfo(\"{input.Name}\", InputKind.{(input.Type.DType == DType.I32 ? "Int32" : "Float32")}, PerToken: {(perToken ? "true" : "false")}, [{sizes}], "
            + $"{(input.Limit is null ? "0" : WeightsPrinter.Plain(input.Limit, identifiers))})";
    }

    /// <summary>Whether a shape begins with [B, T] rather than [B].</summary>
    public static bool IsPerToken(Shape shape) => shape.Rank > 1 && shape[1].Equals(Polynomial.Symbol("T"));

    public static IReadOnlyDictionary<string, int> Places(IReadOnlyList<Input> inputs) =>
        inputs.Select((input, i) => (input.Name, i)).ToDictionary(p => p.Name, p => p.i);

    public static string Legend(RecordSpec model) =>
        $"B: sequences in a batch. T: tokens in a sequence. BT = B * T. The other sizes are the hyperparameters of {model.Name}. A name that begins with d is a gradient.";

    /// <summary>The methods of a program that the names of its loops must not meet.</summary>
    public static Locals NewMethods() => new(["Train", "Evaluate", "Forward", "Decode", "Floats", "Ints", "State", "Prepare", "CheckLength", "Run"]);
}
