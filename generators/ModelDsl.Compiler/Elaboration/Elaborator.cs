using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>From a model's spec to its graphs.</summary>
public static class Elaborator
{
    /// <param name="model">A record of kind Model.</param>
    /// <param name="library">Every layer of the same compilation; layers from elsewhere are in the specs' imports.</param>
    public static ElaboratedModel Elaborate(RecordSpec model, IReadOnlyList<RecordSpec> library)
    {
        var records = new RecordLibrary(model, library);
        var diagnostics = new List<CompileDiagnostic>();
        var variants = new List<Variant>();
        try
        {
            var configurations = Configuration.Of(model, records);
            foreach (var group in configurations.GroupBy(c => c.Key))
            {
                var context = new Context(records, group.ToArray());
                variants.Add(new ModelElaborator(context, model).Run());
                diagnostics.AddRange(ConfigurationCheck.Run(context));
            }
        }
        catch (Failure failure)
        {
            diagnostics.Add(failure.Diagnostic);
        }
        bool failed = diagnostics.Any(d => Catalogue.Find(d.Id).Severity == CatalogueSeverity.Error);
        return new ElaboratedModel(model, failed ? [] : variants.ToArray(), diagnostics.Distinct().ToEquatableArray());
    }
}
