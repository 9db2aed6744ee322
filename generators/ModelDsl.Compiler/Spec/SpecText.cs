namespace ModelDsl.Compiler.Spec;

/// <summary>
/// The text form of a spec, as a layer carries it in its assembly's metadata and as snapshots show it. Lists in
/// parentheses, one member a line. Without anchors: the places of another assembly's source are of no use here; what is
/// read has -1 everywhere. Without imports: whoever reads a layer finds the layers that it names.
/// <code>
/// (spec 1 Layer My.RmsNorm RmsNorm My public
///  (hyperparameter Width Int int)
///  (weight Scale public (.Width) Ones 0.02f auto)
///  (method Forward ((x Tensor))
///   (return (* $x .Scale))))
/// </code>
/// Expressions: 4, 0.5f, true, $local, .Member, (.Member target), (* a b), (- a), (? condition a b), (cast int a),
/// (enum Type Member), (op Name (argument a)), (call target Method (argument a)) with _ for this, (new Record (argument a)),
/// (repeat count index layer) or (repeat count index layer shared), (tuple a b), (list a b).
/// </summary>
public static class SpecText
{
    /// <summary>Raised when the form changes so that an older text no longer reads.</summary>
    public const int Version = 1;

    public static string Print(RecordSpec spec)
    {
        var printer = new SpecPrinter();
        printer.Record(spec);
        return printer.ToString();
    }

    /// <exception cref="System.FormatException">Not a spec's text, or one of another version; the message says where.</exception>
    public static RecordSpec Parse(string text) => new SpecParser(text).Record();
}
