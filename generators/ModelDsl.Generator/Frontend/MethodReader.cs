using ModelDsl.Compiler.Ir;
using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>
/// Reads the methods that take or return tensors, and those on numbers that they call. Other methods are the record's own
/// affair.
/// </summary>
internal sealed class MethodReader(ReadingContext context, ExpressionReader expressions)
{
    public EquatableArray<MethodSpec> Read(IReadOnlyList<IMethodSymbol> methods)
    {
        List<MethodSpec> specs = [];
        HashSet<IMethodSymbol> read = new(SymbolEqualityComparer.Default);
        while (methods.FirstOrDefault(method => !read.Contains(method) && (IsOfTheDsl(method) || expressions.Called.Contains(method))) is { } next)
        {
            if (read.Any(other => other.Name == next.Name)) context.Report(Catalogue.Overload, Declaration(next), context.Record.Name, next.Name);
            else if (Read(next) is { } spec) specs.Add(spec);
            read.Add(next);
        }
        return specs.ToEquatableArray();
    }

    private static bool IsOfTheDsl(IMethodSymbol method) =>
        DslTypes.MentionsTensors(method.ReturnType) || method.Parameters.Any(parameter => DslTypes.MentionsTensors(parameter.Type));

    private MethodSpec? Read(IMethodSymbol method)
    {
        var declaration = Declaration(method);
        int anchor = context.Anchor(declaration);
        bool soundBefore = context.Sound;
        var parameters = method.Parameters.Select(ReadParameter).OfType<MethodParameterSpec>().ToEquatableArray();
        if (context.Operation(declaration) is not IMethodBodyOperation body)
        {
            context.Invalid();
            return null;
        }
        List<Statement> statements = [];
        var reader = new StatementReader(context, expressions);
        try
        {
            reader.Read(body.BlockBody ?? body.ExpressionBody, statements);
        }
        catch (InsufficientExecutionStackException)
        {
            context.Report(Catalogue.NestedTooDeeply, declaration, method.Name);
        }
        if (!AlwaysReturns(statements)) context.Invalid();
        if (context.Sound && soundBefore) ReportUnused(reader.Declared);
        return new(method.Name, parameters, statements.ToEquatableArray(), anchor);
    }

    private MethodParameterSpec? ReadParameter(IParameterSymbol parameter)
    {
        var place = parameter.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation);
        if (Kind(parameter.Type) is not { } kind || parameter.RefKind != RefKind.None)
        {
            context.Report(Catalogue.ParameterType, place, parameter.Name, parameter.RefKind == RefKind.None ? parameter.Type.ToDisplayString() : $"{parameter.RefKind.ToString().ToLowerInvariant()} {parameter.Type.ToDisplayString()}");
            return null;
        }
        int anchor = context.Anchor(place);
        var shape = DslTypes.Attribute(parameter, "ShapeAttribute") is { } shaped ? DimensionReader.ReadAll(context, shaped) : default;
        var limit = DslTypes.Attribute(parameter, "LimitAttribute") is { } limited ? DimensionReader.ReadOne(context, limited) : null;
        var value = ConstantReader.ReadDefault(context, parameter, place);
        return new(parameter.Name, kind, shape, limit, value, anchor);
    }

    private void ReportUnused(IEnumerable<ILocalSymbol> declared)
    {
        foreach (var local in declared)
            if (!expressions.Used.Contains(local))
                context.Report(Catalogue.NeverUsed, local.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation), local.Name);
    }

    /// <summary>What C# demands of a method, and what is left of it where a statement could not be read.</summary>
    private static bool AlwaysReturns(IReadOnlyList<Statement> statements) => statements.Any(statement => statement
        is ReturnStatement || (statement is IfStatement choice && AlwaysReturns(choice.Then) && AlwaysReturns(choice.Else)));

    private MethodDeclarationSyntax Declaration(IMethodSymbol method) =>
        (MethodDeclarationSyntax)method.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation);

    private static MethodParameterKind? Kind(ITypeSymbol type) => type switch
    {
        _ when DslTypes.IsTensor(type) => MethodParameterKind.Tensor,
        _ when DslTypes.Is(type, "Tokens") => MethodParameterKind.Tokens,
        _ when DslTypes.Is(type, "Labels") => MethodParameterKind.Labels,
        { SpecialType: SpecialType.System_Int32 } => MethodParameterKind.Int,
        { SpecialType: SpecialType.System_Single } => MethodParameterKind.Float,
        { SpecialType: SpecialType.System_Boolean } => MethodParameterKind.Bool,
        { TypeKind: TypeKind.Enum } => MethodParameterKind.Enum,
        _ => null,
    };
}
