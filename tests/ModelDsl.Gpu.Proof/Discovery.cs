using System.Diagnostics.CodeAnalysis;

namespace ModelDsl.Gpu.Proof;

/// <summary>Discovers checks and measurements: every concrete class with a parameterless constructor.</summary>
internal static class Discovery
{
    private const string Whole = "The program's own assembly is published whole.";

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Whole)]
    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = Whole)]
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = Whole)]
    public static IEnumerable<T> Instances<T>() => typeof(Discovery).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract && type.GetConstructor(Type.EmptyTypes) is not null)
        .Select(type => (T)Activator.CreateInstance(type)!);
}
