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

    // Weights, layers and methods.

    public static readonly CatalogueEntry NotAWeight = Error("MD0101", "A weight is a partial Tensor property",
        "The weight '{0}' must be declared as public partial Tensor {0} {{ get; }}");

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

    public static readonly CatalogueEntry MethodRecursion = Error("MD0108", "A method calls itself",
        "'{0}' calls itself: methods of a record are inlined, so they cannot recurse");

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
