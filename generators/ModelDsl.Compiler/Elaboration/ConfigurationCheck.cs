using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>Holds the guards against the defaults and every preset, so that what is wrong already is seen at build.</summary>
internal static class ConfigurationCheck
{
    public static IEnumerable<CompileDiagnostic> Run(Context context)
    {
        foreach (var (guard, place) in context.Obligations.All)
            if (context.Configurations.FirstOrDefault(c => IsKnown(guard, c) && !Holds(guard, c)) is { } broken)
                yield return guard switch
                {
                    Divides divides => Find(Catalogue.NotDivisible, place, Say(divides.Whole, broken), Say(divides.Part, broken), broken.Name),
                    AtLeast least => Find(Catalogue.TooSmall, place, Say(least.Value, broken), $"{least.Minimum}", broken.Name),
                    _ => throw new ArgumentException(guard.Message),
                };
    }

    private static CompileDiagnostic Find(CatalogueEntry entry, Place place, params string[] arguments) =>
        Context.FailAt(entry, place, arguments).Diagnostic;

    private static bool IsKnown(Guard guard, Configuration configuration) =>
        guard.Terms.SelectMany(t => t.Symbols()).All(configuration.Sizes.ContainsKey);

    /// <summary>A guard on a quotient comes after the quotient's own, so a division by zero has been reported already.</summary>
    private static bool Holds(Guard guard, Configuration configuration)
    {
        try
        {
            return guard.Holds(configuration.Sizes);
        }
        catch (DivideByZeroException)
        {
            return true;
        }
    }

    /// <summary>"Width = 768"; a number alone where it is one.</summary>
    private static string Say(Polynomial size, Configuration configuration) =>
        size.IsConstant ? $"{size}" : $"{size} = {size.Evaluate(configuration.Sizes)}";
}
