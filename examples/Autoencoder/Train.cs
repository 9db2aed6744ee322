// Trains a variational autoencoder on digits, and shows some next to their reconstructions.
using Examples.Autoencoder;
using Examples.Shared;
using ModelDsl.Inference;

const int Steps = 1000, Shown = 5;
DrawnDigits digits = new(count: 8000, seed: 1), unseen = new(count: Shown, seed: 2);

var model = new VariationalAutoencoder();
var data = new ArrayDataset(digits.Count, validationShare: 0.1).With("image", digits.Images);
using var trainer = model.CreateTrainer(Device.Best, new() { Batch = 64, Schedule = new CosineSchedule(2e-3, Steps, WarmupSteps: 40) });
Console.WriteLine($"{trainer.Weights.Count:N0} weights, {digits.Count:N0} digits; the loss is the negative evidence lower bound in nats an image");
using (var console = new ConsoleProgress())
    trainer.Fit(data, new() { Steps = Steps, EvaluateEvery = 200 }, console);

using var predictor = model.CreatePredictor(trainer.Weights);
float[] logits = predictor.Run(unseen.Images).ToArray();
float[][] drawn = [.. Enumerable.Range(0, Shown).Select(i => unseen.Image(i).ToArray())];
float[][] redrawn = [.. logits.Chunk(DrawnDigits.Pixels).Select(image => Array.ConvertAll(image, logit => 1 / (1 + MathF.Exp(-logit))))];
Console.WriteLine("Unseen digits:");
DrawnDigits.Print(drawn);
Console.WriteLine("From their codes of 16 numbers:");
DrawnDigits.Print(redrawn);
