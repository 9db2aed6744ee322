// Trains the model of Model.cs on text: prepares the data, trains, draws the loss curve, and writes a sample.
using System.Globalization;
using Examples.TextGpt;
using ModelDsl.Inference;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return CommandLine.Run(args, Train);

static int Train(Settings settings)
{
    using var run = RunFolder.Open(RunSetup.ChooseFolder(settings));
    var (description, tokenizer) = RunSetup.Prepare(run, settings);
    using var stop = new StopSignals(); // from here on there is something to save; before, a signal ends the process at once

    using var device = Device.Cpu(settings.Threads ?? 0);
    using var data = TokenDataset.Open([run.File(RunSetup.TokensName)]);
    var (model, learningRate) = Presets.Get(description.Preset, tokenizer.Vocabulary);
    using var trainer = model.CreateTrainer(device, new()
    {
        Batch = description.Batch,
        Length = description.Length,
        Seed = description.Seed,
        Tokenizer = tokenizer.Contract,
        Schedule = new InverseSquareRootSchedule(learningRate, WarmupSteps: 40),
    });
    if (settings.Resume)
        trainer.Resume(run.Path);
    Report.Begin(description, device, trainer, data);

    FitResult result;
    using (var log = new MetricsLog(run.MetricsPath, trainer.CompletedSteps))
    using (var board = new TensorBoardLog(run.File("tensorboard"), trainer.CompletedSteps))
    using (var console = new ConsoleProgress())
    {
        result = trainer.Fit(data, new()
        {
            Steps = description.Steps,
            EvaluateEvery = 50,
            Folder = run.Path,
            SaveEvery = 200,
            Stop = stop.Token,
        }, new ProgressList(log, board, console));
    }
    LossCurve.Write(run.LossCurvePath, MetricsLog.Read(run.MetricsPath), $"TextGpt {description.Preset} on {Path.GetFileName(description.Data)}");
    Report.Losses(result, description);

    if (!result.Stopped)
    {
        using var generator = model.CreateGenerator(trainer.Weights, new() { StopTokens = [tokenizer.IdOf(Corpus.EndOfText)!.Value] });
        string prompt = Sample.Prompt(data, run.File(RunSetup.TokensName), tokenizer);
        Sample.Write(generator, tokenizer, prompt, Sampling.TopP(0.9f, temperature: 0.7f, seed: description.Seed), tokens: 200);
    }
    Report.Files(run);
    return result.Stopped ? 130 : 0;
}
