using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Reads uses of locals, parameters and properties.</summary>
internal sealed class ReferenceReader(ReadingContext context, ExpressionReader expressions)
{
    public HashSet<ISymbol> Used { get; } = new(SymbolEqualityComparer.Default);

    public Expression Read(ILocalReferenceOperation local)
    {
        Used.Add(local.Local);
        return new LocalReference(local.Local.Name, context.Anchor(local.Syntax));
    }

    public Expression Read(IParameterReferenceOperation parameter)
    {
        int anchor = context.Anchor(parameter.Syntax);
        return parameter.Parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor }
            ? new MemberReference(null, parameter.Parameter.Name, anchor)
            : new LocalReference(parameter.Parameter.Name, anchor);
    }

    public Expression? Read(IPropertyReferenceOperation reference)
    {
        int anchor = context.Anchor(reference.Syntax);
        if (reference.Instance is null || !IsOfTheDsl(reference.Property))
        {
            context.Report(Catalogue.MemberNotKnown, reference.Syntax, reference.Property.Name, reference.Property.ContainingType.Name);
            return null;
        }
        if (reference.Instance is IInstanceReferenceOperation) return new MemberReference(null, reference.Property.Name, anchor);
        return expressions.Read(reference.Instance) is { } target ? new MemberReference(target, reference.Property.Name, anchor) : null;
    }

    private bool IsOfTheDsl(IPropertySymbol property)
    {
        var record = property.ContainingType;
        if (!DslTypes.IsLayer(record) && !SymbolEqualityComparer.Default.Equals(record, context.Record)) return false;
        if (DslTypes.IsTensor(property.Type)) return DslTypes.Attribute(property, "WeightAttribute") is not null;
        if (DslTypes.IsLayer(property.Type) || DslTypes.IsRepeat(property.Type)) return true;
        bool scalar = Numbers.IsNumber(property.Type) || property.Type is { SpecialType: SpecialType.System_Boolean } or { TypeKind: TypeKind.Enum };
        if (!scalar || property.DeclaringSyntaxReferences.Length == 0) return scalar;
        return property.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation)
            is ParameterSyntax or PropertyDeclarationSyntax { ExpressionBody: not null };
    }
}
