namespace ModelDsl;

/// <summary>
/// The error of every DSL operation when it is executed. Public because the generator writes calls to it into
/// users' projects.
/// </summary>
public static class CompiledOnly
{
    /// <summary>A new exception that says that <paramref name="member"/> exists only for the compiler.</summary>
    public static NotSupportedException Error(string member) => new(
        $"{member} is not executed: the bodies of [Model] and [Layer] records are compiled by the ModelDsl generator. "
        + "Run a model through what was generated for it, model.CreateTrainer(...) or model.CreateGenerator(...).");
}
