using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Tokenizers;

namespace ModelDsl.Generator.Tokenizers;

/// <summary>What reading a declaration gave: a spec where it can be compiled, and what is wrong with it.</summary>
internal sealed record TokenizerReading(TokenizerSpec? Spec, ImmutableArray<Diagnostic> Diagnostics, Location? VocabularyLocation);

/// <summary>Reads a record that is marked as a tokenizer.</summary>
internal sealed class TokenizerReader
{
    private const string AttributeNamespace = "ModelDsl.Tokenizers";

    private readonly List<Diagnostic> diagnostics = [];
    private readonly INamedTypeSymbol record;
    private readonly TypeDeclarationSyntax declaration;
    private readonly CancellationToken cancellation;

    private TokenizerReader(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        record = (INamedTypeSymbol)context.TargetSymbol;
        declaration = (TypeDeclarationSyntax)context.TargetNode;
        this.cancellation = cancellation;
    }

    internal static TokenizerReading Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation) =>
        new TokenizerReader(context, cancellation).Read();

    private TokenizerReading Read()
    {
        CheckShape();
        string? kind = BaseKind();
        if (kind is null) Report(TokenizerDiagnostics.Base, declaration.Identifier.GetLocation(), record.Name);
        var splits = new List<SplitSpec>();
        var normalizers = new List<string>();
        var special = new List<string>();
        bool byteLevel = false, prefixSpace = false;
        string? vocabulary = null;
        Location? vocabularyLocation = null;
        foreach (var attribute in record.GetAttributes())
        {
            if (attribute.AttributeClass?.ContainingNamespace?.ToDisplayString() != AttributeNamespace) continue;
            switch (attribute.AttributeClass.Name)
            {
                case "SplitAttribute":
                    if (ReadSplit(attribute) is { } split) splits.Add(split);
                    break;
                case "ByteLevelAttribute":
                    if (kind is not (null or "BpeTokenizer")) Report(TokenizerDiagnostics.Misplaced, LocationOf(attribute), "ByteLevel", kind);
                    byteLevel = true;
                    prefixSpace = Named(attribute, "AddPrefixSpace") is { Value: true };
                    break;
                case "SpecialTokensAttribute":
                    ReadSpecialTokens(attribute, special);
                    break;
                case "NormalizeAttribute" when Argument(attribute, 0) is int step:
                    normalizers.Add(TokenizerEmitter.Normalizer(step));
                    break;
                case "ReplaceAttribute" when Argument(attribute, 0) is string text && Argument(attribute, 1) is string replacement:
                    normalizers.Add(TokenizerEmitter.Replace(text, replacement));
                    break;
                case "VocabularyAttribute" when Argument(attribute, 0) is string file:
                    (vocabulary, vocabularyLocation) = (file, LocationOf(attribute));
                    break;
            }
        }
        TokenizerSpec? spec = diagnostics.Count > 0 ? null : new TokenizerSpec(
            record.ContainingNamespace.IsGlobalNamespace ? null : record.ContainingNamespace.ToDisplayString(), record.Name,
            SyntaxFacts.GetText(record.DeclaredAccessibility), kind!, splits.ToEquatableArray(), byteLevel, prefixSpace,
            special.ToEquatableArray(), normalizers.ToEquatableArray(), vocabulary);
        return new TokenizerReading(spec, [.. diagnostics], vocabularyLocation);
    }

    private void CheckShape()
    {
        string? must = !declaration.Modifiers.Any(SyntaxKind.PartialKeyword) ? "partial"
            : !record.IsRecord ? "a record"
            : record.IsAbstract ? "concrete"
            : record.ContainingType is not null ? "declared outside of other types"
            : record.TypeParameters.Length > 0 ? "without type parameters" : null;
        if (must is not null) Report(TokenizerDiagnostics.NotPartial, declaration.Identifier.GetLocation(), record.Name, must);
    }

    private string? BaseKind() => record.BaseType is { } type && type.ContainingNamespace?.ToDisplayString() == AttributeNamespace
        && type.Name is "BpeTokenizer" or "UnigramTokenizer" or "WordPieceTokenizer" ? record.BaseType!.Name : null;

    private SplitSpec? ReadSplit(AttributeData attribute)
    {
        if (Argument(attribute, 0) is not string pattern) return null;
        try
        {
            PatternAutomaton.Compile(pattern);
        }
        catch (PatternException error)
        {
            var argument = (attribute.ApplicationSyntaxReference?.GetSyntax(cancellation) as AttributeSyntax)?.ArgumentList?.Arguments.FirstOrDefault()?.Expression;
            Report(TokenizerDiagnostics.Pattern, argument is null ? LocationOf(attribute) : LiteralColumns.Find(argument, error.Column), error.Reason);
            return null;
        }
        return new SplitSpec(pattern, Named(attribute, "Behavior") is { Value: int behavior } ? TokenizerEmitter.Behavior(behavior) : "Isolated");
    }

    private void ReadSpecialTokens(AttributeData attribute, List<string> special)
    {
        if (attribute.ConstructorArguments.Length != 1 || attribute.ConstructorArguments[0] is not { Kind: TypedConstantKind.Array, IsNull: false } tokens) return;
        foreach (var token in tokens.Values)
        {
            string text = token.Value as string ?? "";
            if (text.Length == 0) Report(TokenizerDiagnostics.SpecialToken, LocationOf(attribute), text, "is empty");
            else if (special.Contains(text)) Report(TokenizerDiagnostics.SpecialToken, LocationOf(attribute), text, "comes twice");
            else special.Add(text);
        }
    }

    private static object? Argument(AttributeData attribute, int index) =>
        index < attribute.ConstructorArguments.Length && attribute.ConstructorArguments[index] is { Kind: not TypedConstantKind.Array } argument ? argument.Value : null;

    private static TypedConstant? Named(AttributeData attribute, string name)
    {
        foreach (var argument in attribute.NamedArguments)
            if (argument.Key == name) return argument.Value;
        return null;
    }

    private Location LocationOf(AttributeData attribute) =>
        attribute.ApplicationSyntaxReference?.GetSyntax(cancellation).GetLocation() ?? declaration.Identifier.GetLocation();

    private void Report(DiagnosticDescriptor descriptor, Location location, params object[] arguments) =>
        diagnostics.Add(Diagnostic.Create(descriptor, location, arguments));
}
