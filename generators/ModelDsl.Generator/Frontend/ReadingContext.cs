using System;
using System.Collections.Generic;
using System.Threading;
using Microsoft.CodeAnalysis;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;

namespace ModelDsl.Generator.Frontend;

/// <summary>
/// What the readers of one record share: the numbering of its places, its diagnostics, and the layers of other assemblies
/// that it meets.
/// </summary>
internal sealed class ReadingContext(INamedTypeSymbol record, SemanticModel semantics, CancellationToken cancellation)
{
    private readonly List<SyntaxNode> _anchors = [];
    private readonly List<CompileDiagnostic> _diagnostics = [];
    private readonly Dictionary<SyntaxTree, SemanticModel> _otherFiles = [];

    /// <summary>Of expressions in one another: everything after walks them by recursion.</summary>
    private const int LargestDepth = 128;
    private int _depth;
    private bool _tooDeep;

    public INamedTypeSymbol Record { get; } = record;
    public string RecordName { get; } = DslTypes.FullName(record);
    public CancellationToken Cancellation { get; } = cancellation;
    public ImportReader Imports { get; } = new();

    /// <summary>The places by anchor.</summary>
    public IReadOnlyList<SyntaxNode> Anchors => _anchors;
    public IReadOnlyList<CompileDiagnostic> Diagnostics => _diagnostics;

    /// <summary>False once an error was found, in the DSL's terms or in C#'s.</summary>
    public bool Sound { get; private set; } = true;

    /// <summary>The number of a new place.</summary>
    public int Anchor(SyntaxNode place)
    {
        _anchors.Add(place);
        return _anchors.Count - 1;
    }

    public void Report(CatalogueEntry entry, SyntaxNode place, params string[] arguments) => Report(entry, Anchor(place), arguments);

    /// <summary>On the record's own name.</summary>
    public void Report(CatalogueEntry entry, params string[] arguments) => Report(entry, -1, arguments);

    public void Report(CatalogueEntry entry, int anchor, params string[] arguments)
    {
        if (entry.Severity == CatalogueSeverity.Error) Sound = false;
        _diagnostics.Add(new(entry.Id, RecordName, anchor, arguments.ToEquatableArray()));
    }

    /// <summary>Reads what is inside of something; null, and reported once, where that is nested too deeply.</summary>
    public T? Inside<T>(SyntaxNode place, Func<T?> read) where T : class
    {
        if (_depth == LargestDepth)
        {
            if (!_tooDeep) Report(Catalogue.NestedTooDeeply, place, Record.Name);
            _tooDeep = true;
            return null;
        }
        _depth++;
        var value = read();
        _depth--;
        return value;
    }

    /// <summary>For what C# itself reports: nothing more to say, and nothing to compile.</summary>
    public void Invalid() => Sound = false;

    public IOperation? Operation(SyntaxNode node) => Semantics(node.SyntaxTree).GetOperation(node, Cancellation);

    /// <summary>A semantic model remembers what it has bound, so there is one a file: a record may be spread over several.</summary>
    private SemanticModel Semantics(SyntaxTree tree)
    {
        if (tree == semantics.SyntaxTree) return semantics;
        if (!_otherFiles.TryGetValue(tree, out var other)) _otherFiles.Add(tree, other = semantics.Compilation.GetSemanticModel(tree));
        return other;
    }
}
