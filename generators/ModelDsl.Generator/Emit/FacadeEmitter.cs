using System.Security;
using System.Text;
using ModelDsl.Generator.Frontend;

namespace ModelDsl.Generator.Emit;

/// <summary>Emits the methods of a [OperationFacade] class from the compiler's operations.</summary>
internal static class FacadeEmitter
{
    public static string Emit(Facade facade)
    {
        var text = new StringBuilder(SourceHeader.Text);
        text.Append($"namespace {facade.Namespace};\n\npartial class {facade.Name}\n{{\n");
        foreach (var method in DslOperations.Methods)
        {
            text.Append("    /// <summary>\n");
            foreach (string line in method.Documentation.Split('\n')) text.Append($"    /// {SecurityElement.Escape(line.Trim())}\n");
            text.Append("    /// </summary>\n");
            text.Append($"    public static {method.Signature} => throw global::ModelDsl.CompiledOnly.Error(\"Ops.{DslOperations.NameOf(method.Signature)}\");\n\n");
        }
        return text.Append("}\n").ToString();
    }
}

/// <summary>A class marked [OperationFacade].</summary>
internal sealed record Facade(string Namespace, string Name);
