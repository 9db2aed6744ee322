using System.Linq;
using Microsoft.CodeAnalysis;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Constants as C# has folded them.</summary>
internal static class ConstantReader
{
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
