namespace ModelDsl.Runtime;

// Saving and resuming.
public sealed partial class Trainer
{
    private string _data = "";
    private string? _resumedData; // until the first source is seen after a resume
    private string? _resumedTokenizer;
    private string? _halfLoaded; // the folder of a resume that failed while it overwrote the weights

    /// <summary>Saves all that <see cref="Resume"/> needs into a folder; until it is whole, the checkpoint before it stays.</summary>
    /// <exception cref="CheckpointException">It could not be saved.</exception>
    public void Save(string folder)
    {
        using var use = _lifetime.EnterAlone();
        RefuseHalfLoaded();
        TrainingCheckpoint.Save(
            folder,
            new(_program.ModelName, _program.Hyperparameters, CompletedSteps, _data, _divergence.State, [.. Options.Describe()], Options.Tokenizer ?? _resumedTokenizer),
            Weights, _optimizer);
    }

    /// <summary>Goes on from a folder that <see cref="Save"/> wrote: the same bits as a run that was never interrupted.</summary>
    /// <remarks>
    /// Both files' checksums are checked as they are read. Files from before there were checksums load too; the SHA-256 of
    /// their weights is checked instead, and their moments are taken as they are.
    /// </remarks>
    /// <param name="allowChanges">
    /// Goes on with this trainer's options, hyperparameters, and whatever data, where they differ from the checkpoint's and
    /// all shapes agree.
    /// </param>
    /// <param name="verify">Checks the SHA-256 of the weights besides the checksums.</param>
    /// <exception cref="CheckpointException">
    /// There is no whole checkpoint, its files are not what was saved, it is of another model or other hyperparameters (says
    /// which differ), or of another tokenizer or other options (says which). This trainer is then as it was; where a file turned
    /// out to be damaged while it was read, the trainer refuses everything but another Resume.
    /// </exception>
    public void Resume(string folder, bool allowChanges = false, bool verify = false)
    {
        using var use = _lifetime.EnterAlone();
        var header = TrainingCheckpoint.Load(folder, Weights, _optimizer, verify, header =>
        {
            if (!allowChanges)
                RefuseChanges(folder, header);
            _halfLoaded = folder;
        });
        _halfLoaded = null;
        (_data, CompletedSteps, _divergence.State) = (header.Data, header.Step, header.Losses);
        (_source, _resumedData, _resumedTokenizer) = (null, allowChanges ? null : header.Data, header.Tokenizer);
    }

    private void RefuseChanges(string folder, TrainingCheckpoint.Header header)
    {
        string differences = Hyperparameters.Differences(header.Model, header.Hyperparameters, _program.ModelName, _program.Hyperparameters);
        if (differences.Length > 0)
            throw new CheckpointException(
                $"{folder}: was trained with other hyperparameters ({differences}). Resume with the same, or allow the change.");
        var changes = Options.Describe().Except(header.Options).Select(option =>
            $"{option.Name} was {header.Options.FirstOrDefault(old => old.Name == option.Name).Value}, is {option.Value}").ToArray();
        if (changes.Length > 0)
            throw new CheckpointException(
                $"{folder}: was trained with other options ({string.Join("; ", changes)}). Resume with the same, or allow the change.");
        if (Options.Tokenizer is { } here && header.Tokenizer is { } there && here != there)
            throw new CheckpointException(
                $"{folder}: was trained with another tokenizer (contract here {here}, in the checkpoint {there}). Load the tokenizer that the run began with, or allow the change.");
    }

    private void RefuseHalfLoaded()
    {
        if (_halfLoaded is not null)
            throw new CheckpointException($"{_halfLoaded}: resuming from it failed half-way, and the weights are of no use. Resume from a whole checkpoint, or make a new trainer.");
    }

    /// <summary>Whether <paramref name="folder"/> holds a checkpoint.</summary>
    public static bool HasCheckpoint(string folder) => File.Exists(WeightsFile(folder));

    /// <summary>The safetensors file with the weights of a checkpoint.</summary>
    public static string WeightsFile(string folder) => Path.Combine(folder, TrainingCheckpoint.WeightsName);
}
