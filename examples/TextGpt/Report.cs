namespace Examples.TextGpt;

/// <summary>The messages before and after the training.</summary>
internal static class Report
{
    public static void Begin(RunDescription description, Device device, Trainer trainer, TokenDataset data)
    {
        Console.WriteLine($"model   {description.Preset}, {trainer.Weights.Count:N0} weights");
        Console.WriteLine($"data    {description.Data}: {data.TrainingTokens:N0} tokens to train on, {data.ValidationTokens:N0} to validate");
        Console.WriteLine($"device  {device.Name}");
        if (trainer.CompletedSteps > 0)
            Console.WriteLine($"resumes after step {trainer.CompletedSteps:N0} of {description.Steps:N0}");
        Console.WriteLine();
    }

    public static void Losses(FitResult result, RunDescription description)
    {
        if (result.Stopped)
            Console.WriteLine($"stopped after step {result.Step:N0} of {description.Steps:N0}, and saved: --resume goes on from there");
        else if (float.IsNaN(result.Loss))
            Console.WriteLine($"nothing was left to do: {result.Step:N0} of {description.Steps:N0} steps were done; ask for more with --steps");
        Console.WriteLine();
    }

    public static void Files(RunFolder run)
    {
        Console.WriteLine();
        Console.WriteLine($"Everything is in {run.Path}:");
        foreach (var (path, what) in (ReadOnlySpan<(string, string)>)
            [
                (run.WeightsPath, "the weights, and beside them the state that --resume needs"), (run.File(RunSetup.TokenizerName), "the tokenizer"),
                (run.LossCurvePath, "the losses as a picture"), (run.MetricsPath, "every step as a line of JSON"),
                (run.File("tensorboard"), "the same for TensorBoard"),
            ])
            Console.WriteLine($"  {Path.GetFileName(path),-22}{what}");
    }
}
