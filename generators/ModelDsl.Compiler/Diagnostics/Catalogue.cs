using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Diagnostics;

/// <summary>
/// Every diagnostic there is. Each has a page in docs/diagnostics, a row in AnalyzerReleases.*.md and a failing sample in
/// tests/ModelDsl.Generator.Tests/Samples; a test holds the four together.
/// </summary>
public static class Catalogue
{
    private static readonly List<CatalogueEntry> Entries = [];

    public static IReadOnlyList<CatalogueEntry> All => Entries;

    public static CatalogueEntry Find(string id) => Entries.First(entry => entry.Id == id);

    // Records.

    public static readonly CatalogueEntry NotAPartialRecord = Error("MD0001", "A model or a layer is a partial record",
        "'{0}' must be declared as a partial record class: public partial record {0}(...)");

    public static readonly CatalogueEntry NotAPlainRecord = Error("MD0002", "A record stands alone",
        "'{0}' is {1}: a [Model] or [Layer] record is not nested, not generic and derives from nothing");

    public static readonly CatalogueEntry HyperparameterType = Error("MD0003", "This type is no hyperparameter",
        "'{0}' is of type '{1}': a hyperparameter is an int, a float, a bool or an enum");

    public static readonly CatalogueEntry NoForward = Error("MD0004", "A model has a Forward",
        "'{0}' has no Forward: declare public Tensor Forward(Tokens tokens) or Forward([Shape(...)] Tensor x)");

    public static readonly CatalogueEntry PresetIsNotNew = Error("MD0005", "A preset is new(...) with constants",
        "The preset '{0}' must be a static property of the form public static {1} {0} => new(...), with constant arguments");

    public static readonly CatalogueEntry LayerRecursion = Error("MD0006", "A layer contains itself",
        "'{0}' contains itself: {1}");

    public static readonly CatalogueEntry NestedTooDeeply = Error("MD0007", "Layers or expressions are nested too deeply",
        "'{0}' is nested too deeply here: split the expression into statements, or make the layers a Repeat");

    // Weights, layers and methods.

    public static readonly CatalogueEntry NotAWeight = Error("MD0101", "A weight is a partial Tensor property",
        "The weight '{0}' must be declared as public partial Tensor {0} {{ get; }}, of any accessibility and with no other modifier");

    public static readonly CatalogueEntry Dimension = Error("MD0102", "A dimension cannot be read",
        "The dimension \"{0}\" cannot be read: {1}");

    public static readonly CatalogueEntry LayerIsNotNew = Error("MD0103", "A layer is a property => new(...)",
        "'{0}' must be declared as public {1} {0} => new(...)");

    public static readonly CatalogueEntry NotALayer = Error("MD0104", "This type is no layer",
        "'{0}' is not a layer: mark it [Layer], or use a type that is");

    public static readonly CatalogueEntry RepeatIsNotALambda = Error("MD0105", "A Repeat is made by a lambda",
        "The layers of a Repeat are made by a lambda: new({0}, index => new(...))");

    public static readonly CatalogueEntry LayerWithoutSpec = Error("MD0106", "A layer from another assembly cannot be read",
        "The layer '{0}' of assembly '{1}' cannot be read: {2}");

    public static readonly CatalogueEntry Overload = Error("MD0107", "Methods of a record have names of their own",
        "'{0}' has two methods named '{1}': give each a name of its own");

    public static readonly CatalogueEntry SelfReference = Error("MD0108", "A method or a number uses itself",
        "'{0}' uses itself: methods and computed properties are inlined where they are used, so they cannot recurse");

    public static readonly CatalogueEntry ParameterType = Error("MD0109", "This type is no parameter",
        "The parameter '{0}' is of type '{1}': a parameter is a Tensor, Tokens, Labels, an int, a float, a bool or an enum");

    // Statements and expressions.

    public static readonly CatalogueEntry ExpressionNotKnown = Error("MD0201", "The DSL has no such expression",
        "{0} is not part of the DSL: {1}");

    public static readonly CatalogueEntry StatementNotKnown = Error("MD0202", "The DSL has no such statement",
        "{0} is not part of the DSL: {1}");

    public static readonly CatalogueEntry CallNotKnown = Error("MD0203", "This method cannot be called in the DSL",
        "'{0}' cannot be called here: {1}");

    public static readonly CatalogueEntry OperationNotKnown = Error("MD0204", "The DSL has no such operation",
        "The DSL has no operation '{0}': the closest is '{1}'");

    public static readonly CatalogueEntry NumberAsStructure = Error("MD0205", "A number decides nothing",
        "This condition depends on '{0}', which is a number that changes without a rebuild: make it a bool or an enum hyperparameter");

    public static readonly CatalogueEntry LayerInMethod = Error("MD0206", "A layer is made in a property",
        "A new '{0}' here would have weights without a name: declare it as a property, public {0} Name => new(...)");

    public static readonly CatalogueEntry MemberNotKnown = Error("MD0207", "This member is not part of the DSL",
        "'{0}' is not a hyperparameter, a weight, a layer or an expression-bodied number of '{1}'");

    public static readonly CatalogueEntry NeverUsed = Warning("MD0208", "A value is never used",
        "The value of '{0}' is never used");

    // The compiler itself.

    public static readonly CatalogueEntry Defect = Error("MD0900", "The compiler failed",
        "The compiler failed on '{0}'; this is a defect of ModelDsl, please report it with the record: {1}");

    // Shapes and sizes.

    public static readonly CatalogueEntry ShapesDoNotFit = Error("MD1001", "Shapes do not fit",
        "{0}{1}");

    public static readonly CatalogueEntry WeightRank = Error("MD1002", "A weight has the wrong rank",
        "The weight '{0}' is {1}, and {2} takes a matrix");

    public static readonly CatalogueEntry NotDivisible = Error("MD1003", "A size is not a multiple of another",
        "{0} is not a multiple of {1} in {2}");

    public static readonly CatalogueEntry TooSmall = Error("MD1004", "A size is too small",
        "{0} must be {1} or more, and is not in {2}");

    public static readonly CatalogueEntry RunTimeSize = Error("MD1005", "A size is known at run time only",
        "A size is an int of the hyperparameters, the same for every layer of a Repeat; this is {0}");

    public static readonly CatalogueEntry DivisionByZero = Error("MD1006", "A division by zero",
        "{0} is divided by zero");

    public static readonly CatalogueEntry SizeTooLarge = Error("MD1009", "A size or a number is out of range",
        "This size or number is out of range: {0}");

    public static readonly CatalogueEntry OperandKind = Error("MD1007", "An operator does not take this",
        "'{0}' does not take {1}");

    public static readonly CatalogueEntry LengthDivided = Error("MD1008", "The length of a sequence is divided",
        "{0} cannot be divided by {1}: the batch B and the length T are known at run time only");

    // Layers and methods.

    public static readonly CatalogueEntry LayersDiffer = Error("MD1101", "The layers of a Repeat differ",
        "'{0}' decides the structure of '{1}', so it must be the same for every layer of a Repeat: let a composite layer hold the layers of one period");

    public static readonly CatalogueEntry CarryChanges = Error("MD1102", "A Repeat changes the shape of what it carries",
        "The layers of '{0}' take {1} and return {2}{3}: what enters a layer is what the layer before returned");

    public static readonly CatalogueEntry RepeatResult = Error("MD1103", "A layer of a Repeat returns what it carries",
        "The layers of '{0}' must return {1}, as many as are carried, not {2}");

    public static readonly CatalogueEntry RepeatArguments = Error("MD1104", "A Repeat is given what its layers take",
        "The layers of '{0}' take {1}, but are given {2}");

    public static readonly CatalogueEntry NotOfALayer = Error("MD1105", "Only a layer has members",
        "This is {0}: only a layer has members and methods here");

    // Models.

    public static readonly CatalogueEntry StructureWithoutDefault = Error("MD1201", "A bool or an enum hyperparameter has a default",
        "'{0}' decides the structure of the model, so it needs a default: what it is in the defaults and in each preset is compiled");

    public static readonly CatalogueEntry ForwardResult = Error("MD1202", "Forward returns tensors",
        "Forward must return a tensor or a tuple of tensors, not {0}");

    public static readonly CatalogueEntry LossIsNotScalar = Error("MD1203", "A loss is one number",
        "The Loss of '{0}' must return a tensor of rank 0: take the mean or the sum of all elements");

    public static readonly CatalogueEntry ReservedName = Error("MD1205", "B and T are the batch and the length",
        "The hyperparameter '{0}' needs another name: B is the number of sequences or examples of a batch and T the tokens of a sequence");

    public static readonly CatalogueEntry ModelTooLarge = Error("MD1207", "A model is too large",
        "'{0}' is too large: it evaluates more than {1} expressions, each method counted at every call; make layers of one kind a Repeat");

    public static readonly CatalogueEntry NoLoss = Error("MD1204", "A model has a loss",
        "'{0}' has no Loss(...), and its Forward does not turn Tokens into logits [B, T, V], of which next-token cross-entropy is the loss");

    private static CatalogueEntry Error(string id, string title, string message) =>
        Add(new(id, title, message, CatalogueSeverity.Error));

    private static CatalogueEntry Warning(string id, string title, string message) =>
        Add(new(id, title, message, CatalogueSeverity.Warning));

    private static CatalogueEntry Add(CatalogueEntry entry)
    {
        Entries.Add(entry);
        return entry;
    }
}
