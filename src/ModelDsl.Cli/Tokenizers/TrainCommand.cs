using System.CommandLine;
using ModelDsl.Tokenizers;
using ModelDsl.Tokenizers.Patterns;
using ModelDsl.Tokenizers.Training;
using Spectre.Console;

namespace ModelDsl.Cli.Tokenizers;

/// <summary><c>modeldsl tokenizer train</c>: trains a vocabulary on files.</summary>
internal static class TrainCommand
{
    private static readonly Dictionary<string, string> Patterns = new()
    {
        ["gpt2"] = SplitPatterns.Gpt2, ["cl100k"] = SplitPatterns.Cl100K, ["o200k"] = SplitPatterns.O200K,
        ["llama3"] = SplitPatterns.Llama3, ["qwen2"] = SplitPatterns.Qwen2,
    };

    internal static Command Create()
    {
        var files = new Argument<FileInfo[]>("files") { Description = "UTF-8 text; may be larger than memory.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<FileInfo>("--out") { Description = "Where to write tokenizer.json.", HelpName = "FILE", DefaultValueFactory = _ => new FileInfo("tokenizer.json") };
        var vocabulary = new Option<int>("--vocabulary") { Description = "The number of ids.", DefaultValueFactory = _ => 32000 };
        var kind = new Option<string>("--kind") { Description = "What to train.", DefaultValueFactory = _ => "bpe" };
        kind.AcceptOnlyFromAmong("bpe", "unigram");
        var pattern = new Option<string>("--pattern")
        {
            Description = $"The split pattern: {string.Join(", ", Patterns.Keys)} or a regular expression (bpe).", DefaultValueFactory = _ => "cl100k",
        };
        var special = new Option<string[]>("--special-token") { Description = "A special token; may be given several times.", AllowMultipleArgumentsPerToken = true };
        var frequency = new Option<int>("--min-frequency") { Description = "A pair that is rarer is not merged (bpe).", DefaultValueFactory = _ => 2 };
        var threads = new Option<int>("--threads") { Description = "0: all cores. The result does not depend on it." };
        var command = new Command("train", "Train a vocabulary on files and write tokenizer.json.") { files, output, vocabulary, kind, pattern, special, frequency, threads };
        command.SetAction(parsed => Failures.Report(() =>
        {
            string[] paths = [.. parsed.GetRequiredValue(files).Select(file => file.FullName)];
            string[] specialTokens = parsed.GetValue(special) ?? [];
            var tokenizer = WithProgress(progress => parsed.GetValue(kind) == "unigram"
                ? UnigramTrainer.Train(paths, new UnigramTrainerOptions
                {
                    Vocabulary = parsed.GetValue(vocabulary), SpecialTokens = specialTokens, Threads = parsed.GetValue(threads), Progress = progress,
                })
                : BpeTrainer.Train(paths, new BpeTrainerOptions
                {
                    Vocabulary = parsed.GetValue(vocabulary), Pattern = Patterns.GetValueOrDefault(parsed.GetValue(pattern)!, parsed.GetValue(pattern)!),
                    SpecialTokens = specialTokens, MinimumFrequency = parsed.GetValue(frequency), Threads = parsed.GetValue(threads), Progress = progress,
                }));
            string path = parsed.GetRequiredValue(output).FullName;
            tokenizer.Save(path);
            Console.Error.WriteLine($"{tokenizer.Vocabulary} ids, contract {tokenizer.Contract[..16]}, written to {path}");
            return 0;
        }));
        return command;
    }

    // Progress goes to standard error, and is drawn only on a terminal.
    private static TextTokenizer WithProgress(Func<IProgress<TrainingProgress>, TextTokenizer> train)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
        {
            var tasks = new Dictionary<string, ProgressTask>();
            return train(new Relay(step =>
            {
                lock (tasks)
                {
                    if (!tasks.TryGetValue(step.Phase, out var task)) tasks.Add(step.Phase, task = context.AddTask(step.Phase, maxValue: Math.Max(1, step.Total)));
                    task.Value = Math.Max(task.Value, step.Done);
                }
            }));
        });
    }

    private sealed class Relay(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
