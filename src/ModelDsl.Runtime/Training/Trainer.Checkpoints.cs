namespace ModelDsl.Runtime;

// Saving and resuming.
public sealed partial class Trainer
{
    private string _data = "";
    private string? _resumedData; // until the first source is seen after a resume
    private string? _resumedTokenizer;

    /// <summary>Saves all that <see cref="Resume"/> needs into a folder; until it is whole, the checkpoint before it stays.</summary>
    /// <exception cref="CheckpointException">It could not be saved.</exception>
    public void Save(string folder) => TrainingCheckpoint.Save(
        folder,
        new(_program.ModelName, _program.Hyperparameters, CompletedSteps, _data, _divergence.State, [.. Options.Describe()], Options.Tokenizer ?? _resumedTokenizer),
        Weights, _optimizer);

    /// <summary>Goes on from a folder that <see cref="Save"/> wrote: the same bits as a run that was never interrupted.</summary>
    /// <param name="allowChanges">Goes on with this trainer's options, and whatever data, where they differ from the checkpoint's.</param>
    /// <exception cref="CheckpointException">
    /// There is no whole checkpoint, it is of another model (says which weights differ), or of another tokenizer or other
    /// options (says which). This trainer is then as it was, unless a file failed while it was read.
    /// </exception>
    public void Resume(string folder, bool allowChanges = false)
    {
        var header = TrainingCheckpoint.Load(folder, Weights, _optimizer, header =>
        {
            var changes = Options.Describe().Except(header.Options).Select(option =>
                $"{option.Name} was {header.Options.FirstOrDefault(old => old.Name == option.Name).Value}, is {option.Value}").ToArray();
            if (!allowChanges && changes.Length > 0)
                throw new CheckpointException(
                    $"{folder}: was trained with other options ({string.Join("; ", changes)}). Resume with the same, or allow the change.");
            if (!allowChanges && Options.Tokenizer is { } here && header.Tokenizer is { } there && here != there)
                throw new CheckpointException(
                    $"{folder}: was trained with another tokenizer (contract here {here}, in the checkpoint {there}). Load the tokenizer that the run began with, or allow the change.");
        });
        (_data, CompletedSteps, _divergence.State) = (header.Data, header.Step, header.Losses);
        (_source, _resumedData, _resumedTokenizer) = (null, allowChanges ? null : header.Data, header.Tokenizer);
    }

    /// <summary>Whether <paramref name="folder"/> holds a checkpoint.</summary>
    public static bool HasCheckpoint(string folder) => File.Exists(WeightsFile(folder));

    /// <summary>The safetensors file with the weights of a checkpoint.</summary>
    public static string WeightsFile(string folder) => Path.Combine(folder, TrainingCheckpoint.WeightsName);
}
