namespace ModelDsl.Runtime;

/// <summary>
/// What emitted training programs derive from. They have a field for each hyperparameter, and one named Inputs may hide the
/// table of inputs but could not stand beside it.
/// </summary>
public abstract class EmittedProgram : ModelProgram
{
    private IReadOnlyList<InputInfo> _inputs = [];

    public sealed override IReadOnlyList<InputInfo> Inputs => _inputs;

    /// <summary>Called once, by the constructor.</summary>
    protected void SetInputs(IReadOnlyList<InputInfo> inputs) => _inputs = inputs;
}
