namespace ModelDsl.Runtime;

/// <summary>A model's record as the generator completes it.</summary>
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
