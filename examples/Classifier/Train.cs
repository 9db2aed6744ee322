// Trains a multilayer perceptron to classify generated digits, and reports its accuracy on unseen ones.
using Examples.Classifier;
using Examples.Shared;
using ModelDsl.Inference;

const int Steps = 600;
DrawnDigits digits = new(count: 8000, seed: 1), unseen = new(count: 2000, seed: 2);

var model = new Classifier();
var data = new ArrayDataset(digits.Count, validationShare: 0.1).With("image", digits.Images).With("label", digits.Labels);
using var trainer = model.CreateTrainer(Device.Best, new() { Batch = 64, Schedule = new CosineSchedule(2e-3, Steps, WarmupSteps: 40) });
Console.WriteLine($"{trainer.Weights.Count:N0} weights, {digits.Count:N0} digits");
using (var console = new ConsoleProgress())
    trainer.Fit(data, new() { Steps = Steps, EvaluateEvery = 100 }, console);

using var predictor = model.CreatePredictor(trainer.Weights);
Console.WriteLine(FormattableString.Invariant($"{Accuracy.Of(predictor.Run(unseen.Images), unseen.Labels):P1} of {unseen.Count:N0} unseen digits read right"));
