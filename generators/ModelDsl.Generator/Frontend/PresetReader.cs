using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Reads [Preset] properties.</summary>
internal static class PresetReader
{
    public static PresetSpec? Read(ReadingContext context, ExpressionReader expressions, IPropertySymbol property)
    {
        var declaration = (PropertyDeclarationSyntax)property.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation);
        int anchor = context.Anchor(declaration);
        if (property.IsStatic && declaration.ExpressionBody is { } body && Unconverted(MemberReader.Body(context, body)) is IObjectCreationOperation creation
            && SymbolEqualityComparer.Default.Equals(creation.Type, context.Record)
            && creation.Arguments.All(argument => argument.Value.ConstantValue.HasValue))
            return expressions.ReadNew(creation) is { } value ? new(property.Name, value, anchor) : null;
        context.Report(Catalogue.PresetIsNotNew, declaration, property.Name, context.Record.Name);
        return null;
    }

    /// <summary>new(...) without a type is a conversion to the type it is given.</summary>
    private static IOperation? Unconverted(IOperation? operation) => operation is IConversionOperation conversion ? conversion.Operand : operation;
}
