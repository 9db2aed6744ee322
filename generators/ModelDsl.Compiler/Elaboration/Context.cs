using System.Text.RegularExpressions;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>What the evaluators of one variant share: the records, where they are, and what they collect.</summary>
internal sealed class Context(RecordLibrary library, IReadOnlyList<Configuration> configurations)
{
    /// <summary>Expressions that one graph may evaluate: a layer used in many places counts in each. GPT-2 takes 400.</summary>
    private const int LargestWork = 100_000;

    private readonly List<CompileDiagnostic> _diagnostics = [];
    private int _work;

    public RecordLibrary Library => library;

    /// <summary>Those that have the structure of this variant, the defaults first where they do.</summary>
    public IReadOnlyList<Configuration> Configurations => configurations;

    public WeightTable Weights { get; } = new();
    public Obligations Obligations { get; } = new();

    /// <summary>The errors found so far.</summary>
    public IReadOnlyList<CompileDiagnostic> Diagnostics => _diagnostics;

    /// <summary>The graph that new nodes go to.</summary>
    public Region Region { get; private set; } = new();

    public Frame? Frame { get; private set; }

    public Graph Graph => Region.Graph;

    /// <summary>Begins a graph of the model.</summary>
    public void Begin(RecordSpec model)
    {
        Region = new Region();
        Frame = new Frame(model, -1, null);
        _work = 0;
    }

    /// <summary>Counts one expression more.</summary>
    /// <exception cref="Failure">There are too many.</exception>
    public void Work()
    {
        if (++_work <= LargestWork) return;
        var model = Outermost(Frame!).Record;
        throw FailAt(Catalogue.ModelTooLarge, new Place(model.FullName, -1), model.Name, $"{LargestWork}").Final();
    }

    /// <summary>Evaluates a member of a record, reached from <paramref name="anchor"/> of the member around it.</summary>
    public T In<T>(RecordSpec record, int anchor, Func<T> evaluate)
    {
        var caller = Frame;
        Frame = new Frame(record, anchor, caller);
        try
        {
            return evaluate();
        }
        finally
        {
            Frame = caller;
        }
    }

    /// <summary>Evaluates in another region.</summary>
    public T In<T>(Region region, Func<T> evaluate)
    {
        var outer = Region;
        Region = region;
        try
        {
            return evaluate();
        }
        finally
        {
            Region = outer;
        }
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

    /// <summary>Keeps an error: the first of its kind at its place, since a layer's mistake comes up at every use of it.</summary>
    public void Report(Failure failure)
    {
        if (failure.Diagnostic is { } found && !_diagnostics.Any(d => d.IsSameFinding(found))) _diagnostics.Add(found);
    }

    public Failure Fail(CatalogueEntry entry, int anchor, params string[] arguments) => FailAt(entry, Place(anchor), arguments);

    public static Failure FailAt(CatalogueEntry entry, Place place, params string[] arguments) =>
        new(new CompileDiagnostic(entry.Id, place.Record, place.Anchor, arguments));

    /// <summary>" (Width = 768, Heads = 12)": the defaults of the hyperparameters that a text names; empty where none does.</summary>
    public string Numbers(string text)
    {
        if (configurations.Count == 0) return "";
        var words = new HashSet<string>(Regex.Split(text, @"\W+"));
        var known = configurations[0].Sizes.Where(s => words.Contains(s.Key)).Select(s => $"{s.Key} = {s.Value}").ToArray();
        return known.Length == 0 ? "" : $" ({string.Join(", ", known)})";
    }

    private static Frame Outermost(Frame frame) => frame.Caller is null ? frame : Outermost(frame.Caller);
}

/// <summary>A method or property under evaluation, and the call that led to it.</summary>
/// <param name="Record">Whose anchors its expressions have.</param>
/// <param name="CallAnchor">The call's place in the caller's record.</param>
internal sealed record Frame(RecordSpec Record, int CallAnchor, Frame? Caller);

/// <param name="Record">The full name of the record that the anchor belongs to.</param>
internal sealed record Place(string Record, int Anchor);

/// <summary>Ends the evaluation of an expression: its value is unknown.</summary>
/// <param name="diagnostic">Null where what it is computed from is unknown already.</param>
internal sealed class Failure(CompileDiagnostic? diagnostic) : Exception
{
    public CompileDiagnostic? Diagnostic => diagnostic;

    /// <summary>Whether it ends the whole graph.</summary>
    public bool IsFinal { get; private init; }

    public Failure Final() => new(diagnostic) { IsFinal = true };
}

/// <summary>Every record that a model can reach, by full name.</summary>
internal sealed class RecordLibrary
{
    private readonly Dictionary<string, RecordSpec> _records = [];
    private readonly HashSet<string> _local = [];

    public RecordLibrary(RecordSpec model, IEnumerable<RecordSpec> layers)
    {
        var own = layers.Append(model).ToArray();
        foreach (var record in own) _local.Add(record.FullName);
        foreach (var record in own) Add(record);
    }

    /// <summary>Whether it belongs to this compilation, so that its anchors have a place in the source.</summary>
    public bool IsLocal(RecordSpec record) => _local.Contains(record.FullName);

    /// <summary>Null where there is none of this name.</summary>
    public RecordSpec? Find(string fullName) => _records.TryGetValue(fullName, out var found) ? found : null;

    private void Add(RecordSpec record)
    {
        if (_records.ContainsKey(record.FullName)) return;
        _records.Add(record.FullName, record);
        foreach (var import in record.Imports) Add(import);
    }
}
