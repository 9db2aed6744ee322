// Trains the classifier of ../Classifier on generated digits, in as many processes as a launcher starts: each takes its part of
// every batch of 64, and the gradients are added. Started without a launcher, it is one rank with the whole batch.
using Examples.Classifier;
using Examples.Shared;
using ModelDsl.Inference;
using ModelDsl.Runtime.Collectives;

const int Steps = 600, Batch = 64;
using var ranks = Communicator.Create(new() { Timeout = TimeSpan.FromMinutes(1) });
bool first = ranks.Rank == 0;
if (Batch % ranks.Size != 0)
    throw new ArgumentException($"{ranks.Size} ranks do not divide a batch of {Batch}.");

// Every rank generates the same data and the same initial weights, from the same seeds.
DrawnDigits digits = new(count: 8000, seed: 1), unseen = new(count: 2000, seed: 2);
var data = new ArrayDataset(digits.Count, validationShare: 0.1).With("image", digits.Images).With("label", digits.Labels);
using var device = Device.Cpu(threads: Math.Max(1, Environment.ProcessorCount / (RankEnvironment.Current.LocalSize ?? 1)));
var model = new Classifier();
using var trainer = model.CreateTrainer(device, new() { Batch = Batch / ranks.Size, Ranks = ranks, Schedule = new CosineSchedule(2e-3, Steps, WarmupSteps: 40) });

// One rank shows the progress; all have the same weights at the end of every step.
using (var console = first ? new ConsoleProgress() : null)
    trainer.Fit(data, new() { Steps = Steps, EvaluateEvery = 100 }, console);
if (first)
{
    using var predictor = model.CreatePredictor(trainer.Weights);
    double read = Accuracy.Of(predictor.Run(unseen.Images), unseen.Labels);
    Console.WriteLine(FormattableString.Invariant($"{ranks.Size} {(ranks.Size == 1 ? "rank" : "ranks")}: {read:P1} of {unseen.Count:N0} unseen digits read right"));
}
