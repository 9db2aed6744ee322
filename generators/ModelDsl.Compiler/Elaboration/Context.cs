using System.Text.RegularExpressions;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>What the evaluators of one variant share: the records, where they are, and what they collect.</summary>
internal sealed class Context(RecordLibrary library, IReadOnlyList<Configuration> configurations)
{
    public RecordLibrary Library => library;

    /// <summary>Those that have the structure of this variant, the defaults first where they do.</summary>
    public IReadOnlyList<Configuration> Configurations => configurations;

    public WeightTable Weights { get; } = new();
    public Obligations Obligations { get; } = new();

    /// <summary>The graph that new nodes go to.</summary>
    public Region Region { get; set; } = new();

    public Frame? Frame { get; set; }

    public Graph Graph => Region.Graph;

    /// <summary>Frames deeper than this are taken for a recursion without end.</summary>
    private const int MaximumDepth = 64;

    /// <summary>Evaluates a member of a record, reached from <paramref name="anchor"/> of the member around it.</summary>
    public T In<T>(RecordSpec record, string member, int anchor, Func<T> evaluate)
    {
        var caller = Frame;
        Frame = new Frame(record, member, anchor, caller);
        if (Frame.Depth > MaximumDepth) throw Fail(Catalogue.LayerRecursion, anchor, record.Name, $"{record.Name}.{member}");
        var value = evaluate();
        Frame = caller;
        return value;
    }

    /// <summary>
    /// The place to blame for an expression: the expression itself where its record is part of this compilation, otherwise
    /// the nearest call that is.
    /// </summary>
    public Place Place(int anchor)
    {
        var frame = Frame!;
        while (frame.Caller is { } caller && !library.IsLocal(frame.Record)) (anchor, frame) = (frame.CallAnchor, caller);
        return new Place(frame.Record.FullName, anchor);
    }

    public Failure Fail(CatalogueEntry entry, int anchor, params string[] arguments) => FailAt(entry, Place(anchor), arguments);

    public static Failure FailAt(CatalogueEntry entry, Place place, params string[] arguments) =>
        new(new CompileDiagnostic(entry.Id, place.Record, place.Anchor, arguments));

    /// <summary>" (Width = 768, Heads = 12)": the defaults of the hyperparameters that a text names; empty where none does.</summary>
    public string Numbers(string text)
    {
        var words = new HashSet<string>(Regex.Split(text, @"\W+"));
        var known = configurations[0].Sizes.Where(s => words.Contains(s.Key)).Select(s => $"{s.Key} = {s.Value}").ToArray();
        return known.Length == 0 ? "" : $" ({string.Join(", ", known)})";
    }
}
