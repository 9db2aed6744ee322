using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Lowering;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>The class that lays out one structure's weights and checks its hyperparameters; the programs of the structure share it.</summary>
internal static class WeightsPrinter
{
    public static void Print(CodeWriter code, string name, RecordSpec model, Variant variant, Identifiers identifiers)
    {
        code.Summary($"Where each weight of {model.Name} begins in the flat buffer, in floats, at the hyperparameters of one record.");
        code.Block($"internal sealed class {name}", () =>
        {
            foreach (var weight in variant.Weights)
                code.Line($"public readonly long {Field(weight.Name)};   // {weight.Name} {new Shape(weight.Counts.Concat(weight.Shape.Sizes))}");
            code.Line("public readonly IReadOnlyList<WeightInfo> Table;").Line();
            code.Line("/// <exception cref=\"ArgumentException\">The hyperparameters do not fit one another.</exception>");
            code.Block($"public {name}(Record model)", () =>
            {
                foreach (var hyper in model.Hyperparameters.Where(h => h.Kind == HyperparameterKind.Int))
                    code.Line($"int {identifiers.Of(hyper.Name)} = model.{Identifiers.Escape(hyper.Name)};");
                if (variant.Guards.Count > 0) code.Line($"Validate({string.Join(", ", model.Hyperparameters.Where(h => h.Kind == HyperparameterKind.Int).Select(h => identifiers.Of(h.Name)))});");
                code.Line("var table = new WeightTable();");
                var expressions = new Expressions(identifiers, identifiers.NewLocals());
                var additions = variant.Weights.Select(w => (
                    $"{Field(w.Name)} = table.Add(",
                    new[]
                    {
                        $"\"{w.Name}\"", $"[{string.Join(", ", w.Counts.Select(expressions.Int))}]", $"[{string.Join(", ", w.Shape.Sizes.Select(expressions.Int))}]",
                        $"Init.{w.Init}", Expressions.Literal(w.Std), $"decay: {(w.Decay ? "true" : "false")}",
                    })).ToArray();
                foreach (string declaration in expressions.Declarations) code.Line(declaration);
                foreach (var (head, items) in additions) code.List(head, items, ");");
                code.Line("Table = table.Weights;");
            });
            if (variant.Guards.Count > 0) PrintValidate(code, model, variant, identifiers);
        });
    }

    private static void PrintValidate(CodeWriter code, RecordSpec model, Variant variant, Identifiers identifiers)
    {
        string parameters = string.Join(", ", model.Hyperparameters.Where(h => h.Kind == HyperparameterKind.Int).Select(h => "int " + identifiers.Of(h.Name)));
        code.Line();
        code.Block($"private static void Validate({parameters})", () =>
        {
            // Without the locals of other methods: a check must not divide by what it checks.
            foreach (var guard in variant.Guards)
            {
                string values = string.Join(", ", guard.Terms.SelectMany(t => t.Symbols()).Distinct().Select(s => $"{s} = {{{identifiers.Of(s)}}}"));
                code.Line($"if (!({Condition(guard, identifiers)}))").Indent(() =>
                    code.Line($"throw new ArgumentException(FormattableString.Invariant($\"{model.Name}: {guard.Message} ({values}).\"));"));
            }
        });
    }

    private static string Condition(Guard guard, Identifiers identifiers)
    {
        string Text(Polynomial size) => Expressions.Nested(Plain(size, identifiers));
        return guard switch
        {
            Divides divides => $"{(divides.Part.IsConstant ? "" : Text(divides.Part) + " != 0 && ")}{Text(divides.Whole)} % {Text(divides.Part)} == 0",
            AtLeast least => $"{Plain(least.Value, identifiers)} >= {least.Minimum}",
            _ => throw new System.InvalidOperationException(guard.ToString()),
        };
    }

    /// <summary>A size with its quotients written out.</summary>
    public static string Plain(Polynomial size, Identifiers identifiers)
    {
        var expressions = new Expressions(identifiers, identifiers.NewLocals());
        string text = expressions.Int(size);
        if (!expressions.Declarations.Any()) return text;
        string plain = size.ToString();
        foreach (string symbol in size.Symbols().Where(s => identifiers.Of(s) != s))
            plain = System.Text.RegularExpressions.Regex.Replace(plain, $@"\b{symbol}\b", identifiers.Of(symbol));
        return plain;
    }

    /// <summary>"Blocks.{}.Norm.Scale" is BlocksNormScale.</summary>
    public static string Field(string name) => string.Concat(name.Split('.').Where(p => p != "{}").Select(BufferNames.Pascal)) is var field && field == "Table" ? "Table_" : field;
}
