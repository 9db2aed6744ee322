using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Constants as C# has folded them.</summary>
internal static class ConstantReader
{
    /// <summary>The default of a parameter; null where it has none.</summary>
    public static Expression? ReadDefault(ReadingContext context, IParameterSymbol parameter, SyntaxNode place)
    {
        if (place is not ParameterSyntax { Default: not null }) return null;
        var value = parameter.HasExplicitDefaultValue ? Read(parameter.ExplicitDefaultValue, parameter.Type, context.Anchor(place)) : null;
        if (value is null && parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: { } unnamed })
            context.Report(Catalogue.ExpressionNotKnown, place, $"The value {unnamed} of {parameter.Type.Name}", "name a member of the enum");
        else if (value is null) context.Invalid();
        return value;
    }

    /// <summary>Null where the DSL has no such constant (a string, null).</summary>
    public static Expression? Read(object? value, ITypeSymbol? type, int anchor)
    {
        if (type is { TypeKind: TypeKind.Enum })
        {
            var member = type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => Equals(field.ConstantValue, value));
            return member is null ? null : new EnumLiteral(DslTypes.FullName(type), member.Name, anchor);
        }
        return value switch
        {
            int number => new IntLiteral(number, anchor),
            long number => new IntLiteral(number, anchor),
            float number => new FloatLiteral(number, anchor),
            double number => new FloatLiteral(number, anchor),
            bool truth => new BoolLiteral(truth, anchor),
            _ => null,
        };
    }
}
