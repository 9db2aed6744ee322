namespace ModelDsl.Compiler.Elaboration;

/// <summary>
/// What a hyperparameter of a model cannot be called, beside B and T: an emitted program has a field for each of them, under
/// its own name, and these are its other members and what they name.
/// </summary>
internal static class TakenNames
{
    private static readonly HashSet<string> All =
    [
        // Members of programs.
        "Weights", "ModelName", "Hyperparameters", "ScratchFloats", "StepFlops", "CacheFloats", "SetInputs", "Bind", "Prepare", "Run",
        "Train", "Evaluate", "Forward", "Decode", "PlanTrain", "PlanEvaluate", "PlanForward", "PlanDecode",
        "Step", "Seed", "GradientScale", "Start", "Room",
        // Types whose members they use.
        "Math", "Init", "InputKind", "FormattableString", "AttentionArguments", "MemoryPlan",
        // Parameters and locals.
        "model", "table", "device", "buffers", "batch", "length", "tokens", "outputs", "accumulate", "gradientScale", "known",
    ];

    public static bool Contains(string name) => All.Contains(name);
}
