using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>
/// The C# identifiers of a model's hyperparameters and of the locals of its emitted methods. A hyperparameter keeps its own
/// name unless that is a keyword or a name that emitted code uses itself; then it gets underscores.
/// </summary>
internal sealed class Identifiers
{
    /// <summary>Members of emitted programs and of their base classes, the types whose members they use, and fixed locals.</summary>
    private static readonly string[] Own =
    [
        "B", "T", "BT", "Room", "Start", "Step", "Seed", "GradientScale",
        "Weights", "ModelName", "Hyperparameters", "Inputs", "Results", "States", "Vocabulary", "LengthLimit", "Table",
        "ScratchBytes", "StateBytes", "StepFlops", "Train", "Evaluate", "Forward", "Decode", "Run", "Bind", "Prepare", "CheckLength", "Validate",
        "PlanTrain", "PlanEvaluate", "PlanForward", "PlanDecode", "Floats", "Ints", "State", "Equals", "GetHashCode", "GetType", "ToString", "Finalize",
        "MemberwiseClone", "ReferenceEquals", "_device", "_weights", "_gradients", "_scratch", "_inputs", "_states", "_accumulate", "_table", "_model", "_plan",
        "Math", "Init", "InputKind", "FormattableString", "AttentionArguments", "AttentionGradients", "MemoryPlan", "Matrix", "Device", "Simd", "ColumnSums",
        "NoEpilogue", "RopeTables", "RopeLayout", "RandomNormals", "Vector512", "Span", "MethodImpl", "MethodImplOptions", "System", "ModelDsl", "ArgumentException",
        "model", "table", "batch", "outputs", "length", "row", "column", "left", "begin", "end", "chunk",
    ];

    private static readonly HashSet<string> Keywords =
    [
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default", "delegate",
        "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto", "if", "implicit", "in",
        "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out", "override", "params", "private",
        "protected", "public", "readonly", "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string", "struct", "switch", "this",
        "throw", "true", "try", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort", "using", "virtual", "void", "volatile", "while",
    ];

    /// <summary>Keywords in some places, a type's name among them.</summary>
    private static readonly HashSet<string> Contextual =
        ["async", "await", "dynamic", "field", "file", "nameof", "partial", "record", "required", "scoped", "var", "where", "yield"];

    private readonly Dictionary<string, string> _names = [];
    private readonly HashSet<string> _taken;

    public Identifiers(RecordSpec model, IEnumerable<string> kernels)
    {
        _taken = new HashSet<string>(Own.Concat(kernels));
        foreach (var hyper in model.Hyperparameters)
        {
            string name = hyper.Name;
            while (Keywords.Contains(name) || !_taken.Add(name)) name += "_";
            _names.Add(hyper.Name, name);
        }
    }

    private Identifiers(Identifiers outer, IEnumerable<(string Symbol, string Name)> more)
    {
        _taken = outer._taken;
        _names = new Dictionary<string, string>(outer._names);
        foreach (var (symbol, name) in more) _names[symbol] = name;
    }

    /// <summary>What stands for a symbol of the program: a hyperparameter's field; others keep their names.</summary>
    public string Of(string symbol) => _names.TryGetValue(symbol, out var name) ? name : symbol;

    /// <summary>These and the indices of an entry's loops: every loop that is in no other has the index "layer".</summary>
    public Identifiers With(IEnumerable<LoopStep> loops) => new(this, Indices(loops, 1));

    private static IEnumerable<(string Symbol, string Name)> Indices(IEnumerable<LoopStep> loops, int depth)
    {
        string name = depth == 1 ? "layer" : "layer" + depth;
        foreach (var loop in loops)
        {
            yield return (loop.Index, name);
            yield return (LoopStep.Here(loop.Index), LoopStep.Here(name));
            yield return (LoopStep.Next(loop.Index), LoopStep.Next(name));
            foreach (var inner in Indices(loop.Body.OfType<LoopStep>(), depth + 1)) yield return inner;
        }
    }

    /// <summary>A table of locals for one method.</summary>
    public Locals NewLocals() => new(_taken);

    public static string Escape(string name) => Keywords.Contains(name) || Contextual.Contains(name) ? "@" + name : name;

    /// <summary>Each part of a name with dots: "My.@new.Layers".</summary>
    public static string EscapePath(string path) => string.Join(".", path.Split('.').Select(Escape));
}

/// <summary>Names of the locals of one method.</summary>
internal sealed class Locals(IEnumerable<string> taken)
{
    private readonly HashSet<string> _taken = [.. taken];

    /// <summary>The name, or the first with a number from 2 on that is free; escaped where it is a keyword.</summary>
    public string Take(string wanted)
    {
        string name = wanted;
        for (int i = 2; !_taken.Add(name); i++) name = wanted + i;
        return Identifiers.Escape(name);
    }
}
