using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>One layer of the model, or the model itself: a record at a member path with its hyperparameters' values.</summary>
/// <param name="path">"Blocks.{}.Attention"; empty for the model.</param>
/// <param name="repeats">The repeats around it, outermost first: the leading axes of its weights.</param>
internal sealed class LayerInstance(
    string path, RecordSpec record, IReadOnlyDictionary<string, SpecValue> arguments, EquatableArray<RepeatInstance> repeats)
{
    public string Path => path;
    public RecordSpec Record => record;
    public IReadOnlyDictionary<string, SpecValue> Arguments => arguments;
    public EquatableArray<RepeatInstance> Repeats => repeats;

    /// <summary>The path of one of its members.</summary>
    public string PathOf(string member) => path.Length == 0 ? member : path + "." + member;
}

/// <summary>A Repeat of the model.</summary>
/// <param name="owner">The layer whose member it is.</param>
internal sealed class RepeatInstance(string path, LayerInstance owner, RepeatExpression expression, Polynomial count)
{
    public string Path => path;
    public LayerInstance Owner => owner;
    public RepeatExpression Expression => expression;
    public Polynomial Count => count;
}
