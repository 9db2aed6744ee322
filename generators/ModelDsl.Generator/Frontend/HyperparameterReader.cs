using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Reads the parameters of a record's primary constructor.</summary>
internal static class HyperparameterReader
{
    public static EquatableArray<HyperparameterSpec> Read(ReadingContext context)
    {
        List<HyperparameterSpec> hyperparameters = [];
        foreach (var parameter in PrimaryConstructor(context)?.Parameters ?? [])
        {
            var place = parameter.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation);
            if (Kind(parameter.Type) is not { } kind)
            {
                context.Report(Catalogue.HyperparameterType, place, parameter.Name, parameter.Type.ToDisplayString());
                continue;
            }
            int anchor = context.Anchor(place);
            var value = ConstantReader.ReadDefault(context, parameter, place);
            hyperparameters.Add(new(parameter.Name, kind, DslTypes.Written(parameter.Type), value, anchor));
        }
        return hyperparameters.ToEquatableArray();
    }

    private static HyperparameterKind? Kind(ITypeSymbol type) => type switch
    {
        { SpecialType: SpecialType.System_Int32 } => HyperparameterKind.Int,
        { SpecialType: SpecialType.System_Single } => HyperparameterKind.Float,
        { SpecialType: SpecialType.System_Boolean } => HyperparameterKind.Bool,
        { TypeKind: TypeKind.Enum } => HyperparameterKind.Enum,
        _ => null,
    };

    private static IMethodSymbol? PrimaryConstructor(ReadingContext context) => context.Record.InstanceConstructors.FirstOrDefault(
        constructor => constructor.DeclaringSyntaxReferences.Any(
            reference => reference.GetSyntax(context.Cancellation) is RecordDeclarationSyntax));
}
