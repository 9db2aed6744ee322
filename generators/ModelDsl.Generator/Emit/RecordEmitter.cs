using System.Linq;
using System.Text;
using ModelDsl.Compiler.Spec;
using ModelDsl.Compiler.Targets.CSharpCpu;
using ModelDsl.Generator.Frontend;

namespace ModelDsl.Generator.Emit;

/// <summary>
/// Emits the generated part of a record: its weights, what ToString shows, and of a layer the spec that other assemblies read.
/// </summary>
internal static class RecordEmitter
{
    public static string Emit(ReadRecord record)
    {
        var spec = record.Spec;
        var text = new StringBuilder(SourceHeader.Text);
        if (spec.Namespace.Length > 0) text.Append($"namespace {Identifiers.EscapePath(spec.Namespace)};\n\n");
        if (spec.Kind == RecordKind.Layer && record.Sound)
            text.Append("[global::ModelDsl.LayerSpec(\"\"\"\n").Append(SpecText.Print(spec)).Append("\n\"\"\")]\n");
        text.Append($"partial record {Identifiers.Escape(spec.Name)}\n{{\n");
        foreach (var weight in spec.Weights)
            text.Append($"    {Modifiers(weight)}partial global::ModelDsl.Tensor {Identifiers.Escape(weight.Name)} => throw global::ModelDsl.CompiledOnly.Error(\"{spec.Name}.{weight.Name}\");\n\n");
        if (record.Shape is PartialShape.Open or PartialShape.Sealed) AppendPrintMembers(text, record);
        return text.Append("}\n").ToString();
    }

    /// <summary>Both parts of a partial property have the same.</summary>
    private static string Modifiers(WeightSpec weight) => weight.Accessibility.Length == 0 ? "" : weight.Accessibility + " ";

    /// <summary>A record prints every property; of these only the hyperparameters have a value.</summary>
    private static void AppendPrintMembers(StringBuilder text, ReadRecord record)
    {
        string modifiers = record.Shape == PartialShape.Sealed ? "private" : "protected virtual";
        string members = string.Join(", ", record.Spec.Hyperparameters.Select(hyperparameter => $"{hyperparameter.Name} = {{{Identifiers.Escape(hyperparameter.Name)}}}"));
        text.Append("    /// <summary>What ToString shows: the hyperparameters.</summary>\n");
        text.Append($"    {modifiers} bool PrintMembers(global::System.Text.StringBuilder builder)\n    {{\n");
        if (members.Length > 0)
            text.Append($"        builder.Append(global::System.Globalization.CultureInfo.InvariantCulture, $\"{members}\");\n");
        text.Append($"        return {(members.Length > 0 ? "true" : "false")};\n    }}\n");
    }
}
