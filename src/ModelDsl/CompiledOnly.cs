namespace ModelDsl;

/// <summary>
/// What every operation of the surface answers when it is executed. Public because the generator writes calls of it into
/// the projects of users.
/// </summary>
public static class CompiledOnly
{
    /// <summary>A fresh exception that says that <paramref name="member"/> exists for the compiler alone.</summary>
    public static NotSupportedException Error(string member) => new(
        $"{member} is not executed: the bodies of [Model] and [Layer] records are compiled by the ModelDsl generator. "
        + "Run a model through what was generated for it, model.CreateTrainer(...) or model.CreateGenerator(...).");
}
