using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>
/// Reads expression-bodied properties: layers, repeats and scalars computed from hyperparameters. Properties of other types
/// are the record's own affair, as long as nothing of the DSL uses them.
/// </summary>
internal sealed class MemberReader(ReadingContext context, ExpressionReader expressions)
{
    public EquatableArray<MemberSpec> Read(IEnumerable<IPropertySymbol> properties)
    {
        List<MemberSpec> members = [];
        foreach (var property in properties)
            if (Read(property) is { } member) members.Add(member);
        return members.ToEquatableArray();
    }

    private MemberSpec? Read(IPropertySymbol property)
    {
        if (property.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation) is not PropertyDeclarationSyntax declaration) return null;
        bool layer = DslTypes.IsRepeat(property.Type) || DslTypes.IsLayer(property.Type);
        if (!layer && !IsScalar(property.Type)) return null;
        if (declaration.ExpressionBody is not { } body)
        {
            if (layer) context.Report(Catalogue.LayerIsNotNew, declaration, property.Name, declaration.Type.ToString());
            return null;
        }
        int anchor = context.Anchor(declaration);
        if (Body(context, body) is not { } operation) return null;
        return expressions.ReadMember(operation) is { } value ? new(property.Name, value, anchor) : null;
    }

    /// <summary>What an expression body returns, implicit conversions included.</summary>
    public static IOperation? Body(ReadingContext context, ArrowExpressionClauseSyntax body)
    {
        if (context.Operation(body) is IBlockOperation { Operations.Length: 1 } block && block.Operations[0] is IReturnOperation { ReturnedValue: { } value }) return value;
        context.Invalid();
        return null;
    }

    private static bool IsScalar(ITypeSymbol type) =>
        Numbers.IsNumber(type) || type is { SpecialType: SpecialType.System_Boolean } or { TypeKind: TypeKind.Enum };
}
