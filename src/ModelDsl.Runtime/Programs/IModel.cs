namespace ModelDsl.Runtime;

/// <summary>
/// A model's record as the generator completes it. The record implements it explicitly, so that none of its own members can
/// clash with these; <see cref="Models"/> has them as extension methods.
/// </summary>
public interface IModel
{
    /// <summary>The compiled training step at the record's hyperparameters.</summary>
    /// <exception cref="ArgumentException">The hyperparameters do not fit one another, or their structure was not compiled.</exception>
    ModelProgram CreateProgram();

    /// <summary>The compiled Forward at the record's hyperparameters.</summary>
    /// <exception cref="ArgumentException">The hyperparameters do not fit one another, or their structure was not compiled.</exception>
    ForwardProgram CreateForwardProgram();
}

/// <summary>A model over tokens that can be asked for the next one.</summary>
public interface ILanguageModel : IModel
{
    /// <summary>The compiled inference step at the record's hyperparameters.</summary>
    /// <exception cref="ArgumentException">The hyperparameters do not fit one another, or their structure was not compiled.</exception>
    /// <exception cref="NotSupportedException">There is none for this structure.</exception>
    DecodeProgram CreateDecodeProgram();
}

/// <summary>What a model's record can be asked for.</summary>
public static class Models
{
    /// <inheritdoc cref="IModel.CreateProgram"/>
    public static ModelProgram CreateProgram(this IModel model) => model.CreateProgram();

    /// <inheritdoc cref="IModel.CreateForwardProgram"/>
    public static ForwardProgram CreateForwardProgram(this IModel model) => model.CreateForwardProgram();

    /// <inheritdoc cref="ILanguageModel.CreateDecodeProgram"/>
    public static DecodeProgram CreateDecodeProgram(this ILanguageModel model) => model.CreateDecodeProgram();

    /// <summary>A trainer with fresh weights.</summary>
    /// <exception cref="ArgumentException">The hyperparameters do not fit one another, or their structure was not compiled.</exception>
    public static Trainer CreateTrainer(this IModel model, Device device, TrainerOptions options) => new(model.CreateProgram(), device, options);
}
