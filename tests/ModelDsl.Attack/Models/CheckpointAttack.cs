using System.Security.Cryptography;
using System.Text;
using ModelDsl.Attacks.Mutation;
using ModelDsl.Attacks.Running;
using ModelDsl.Inference;

namespace ModelDsl.Attacks.Models;

/// <param name="State">Whether the state file is changed, else the weights.</param>
/// <param name="Kind">What is done at <paramref name="At"/>.</param>
/// <param name="Text">What a place in the header becomes.</param>
internal sealed record CheckpointEdit(bool State, string Kind, int At, int Length, string Text);

/// <summary>A checkpoint with a few changes, resumed: refused, or all that the trainer then holds is what was saved.</summary>
internal sealed class CheckpointAttack : PlannedAttack<CheckpointEdit[]>
{
    private const int Vocabulary = 40;
    private static readonly string[] s_kinds = ["flip", "set", "cut", "append", "swap", "metadata", "metadata", "both", "number", "offsets"];
    private static readonly string[] s_keys =
        ["step", "digest", "model", "hyperparameters", "format", "state", "data", "loss.first", "loss.mean", "loss.variance", "loss.count", "loss.high", "option.Batch", "option.Seed", "option.Schedule", "tokenizer"];

    private readonly ILanguageModel _model = TrainedModels.Small(Vocabulary);
    private Device _device = null!;
    private TokenDataset _data = null!;
    private string _saved = "";
    private byte[] _weights = [], _state = [];
    private string _stateName = "", _expected = "";

    public override string Name => "checkpoint";

    public override string Description => "changed checkpoints, resumed: refused, or nothing has changed";

    public override int Weight => 3;

    public override int QuickCases => 400;

    private static TrainerOptions Options => new() { Batch = 2, Length = 8, Seed = 3, Tokenizer = "contract", Schedule = new ConstantSchedule(1e-2, WarmupSteps: 2) };

    public override void Open(string folder)
    {
        _device = Device.Cpu(1);
        _data = TokenDataset.FromTokens(TrainedModels.Tokens(400, Vocabulary));
        _saved = Path.Combine(folder, "saved");
        using var trainer = new Trainer(_model.CreateProgram(), _device, Options);
        trainer.Fit(_data, new() { Steps = 4, Folder = _saved, EvaluateEvery = 0 });
        _weights = File.ReadAllBytes(Trainer.WeightsFile(_saved));
        string state = Directory.GetFiles(_saved, "state-*").Single();
        (_state, _stateName) = (File.ReadAllBytes(state), Path.GetFileName(state));
        _expected = Holds(trainer, Path.Combine(folder, "expected"));
    }

    protected override CheckpointEdit[] Plan(Random random) =>
    [
        .. Enumerable.Range(0, 1 + (random.Next(3) == 0 ? random.Next(3) : 0)).Select(_ =>
        {
            string kind = ByteMutator.Pick(s_kinds, random);
            string text = kind is "metadata" or "both" ? $"{ByteMutator.Pick(s_keys, random)}={(random.Next(2) == 0 ? ByteMutator.Pick(Extremes.Numbers, random) : ByteMutator.Pick(Extremes.Strings, random))}"
                : kind == "number" ? ByteMutator.Pick(Extremes.Numbers, random) : "";
            return new CheckpointEdit(random.Next(2) == 0, kind, random.Next(1 << 20), 1 + random.Next(64), text);
        }),
    ];

    protected override void Run(CheckpointEdit[] plan, string folder)
    {
        byte[] weights = _weights, state = _state;
        foreach (var edit in plan)
        {
            if (edit.State || edit.Kind == "both")
                state = Edit(state, edit);
            if (!edit.State || edit.Kind == "both")
                weights = Edit(weights, edit);
        }
        string changed = Path.Combine(folder, "changed");
        Directory.CreateDirectory(changed);
        File.WriteAllBytes(Trainer.WeightsFile(changed), weights);
        File.WriteAllBytes(Path.Combine(changed, _stateName), state);
        Generate(changed, weights);
        using var trainer = new Trainer(_model.CreateProgram(), _device, Options);
        trainer.Resume(changed);
        // The data are compared when the first of them are asked for.
        trainer.Evaluate(_data);
        string holds = Holds(trainer, Path.Combine(folder, "resumed"));
        if (holds != _expected)
            throw new AttackException($"a changed checkpoint was resumed: saved {_expected}, resumed {holds}");
    }

    /// <summary>The weights alone, as inference loads them; whatever it says is a refusal of its own.</summary>
    private void Generate(string changed, byte[] weights)
    {
        try
        {
            using var generator = _model.CreateGenerator(changed, _device);
            int[] tokens = [.. generator.Stream([1, 2], maximumTokens: 1)];
            if (!weights.AsSpan().SequenceEqual(_weights) && tokens.Any(token => (uint)token >= Vocabulary))
                throw new AttackException("a token outside the vocabulary");
        }
        catch (Exception error) when (error is CheckpointException || Refusal.IsThrownByOurs(error, typeof(ArithmeticException)))
        {
            // refused, or weights that are no numbers, in a file that has nothing to tell
        }
    }

    /// <summary>All that a checkpoint of the trainer would hold.</summary>
    private static string Holds(Trainer trainer, string folder)
    {
        trainer.Save(folder);
        string files = string.Join(" ", Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(path => $"{Path.GetFileName(path)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))[..16]}"));
        Directory.Delete(folder, recursive: true);
        return files;
    }

    private static byte[] Edit(byte[] file, CheckpointEdit edit)
    {
        if (file.Length == 0)
            return file;
        int at = edit.At % file.Length, length = Math.Min(edit.Length, file.Length - at);
        switch (edit.Kind)
        {
            case "flip":
                byte[] flipped = [.. file];
                flipped[at] ^= (byte)(1 << (edit.Length % 8));
                return flipped;
            case "set":
                byte[] filled = [.. file];
                filled.AsSpan(at, length).Fill((byte)edit.Length);
                return filled;
            case "cut": return file[..at];
            case "append": return [.. file, .. new byte[edit.Length]];
            case "swap":
                int other = (int)((long)edit.At * 7 % file.Length);
                byte[] swapped = [.. file];
                (swapped[at], swapped[other]) = (swapped[other], swapped[at]);
                return swapped;
            case "metadata" or "both": return EditHeader(file, header => SetMetadata(header, edit.Text));
            case "number": return EditHeader(file, header => ReplaceNumber(header, edit.At, edit.Text));
            default: return EditHeader(file, header => SwapOffsets(header, edit.At));
        }
    }

    /// <summary>The header changed, and its length with it, so that the file is one that can be read.</summary>
    private static byte[] EditHeader(byte[] file, Func<string, string> change)
    {
        if (file.Length < 8 || BitConverter.ToInt64(file) is not (> 0 and var length) || length > file.Length - 8)
            return file;
        byte[] header = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(file, 8, (int)length)));
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. file[(8 + (int)length)..]];
    }

    private static string SetMetadata(string header, string text)
    {
        string[] parts = text.Split('=', 2);
        int begin = header.IndexOf($"\"{parts[0]}\":\"", StringComparison.Ordinal);
        if (begin < 0)
            return header;
        begin += parts[0].Length + 4;
        int end = header.IndexOf('"', begin);
        return end < 0 ? header : $"{header[..begin]}{System.Text.Json.JsonEncodedText.Encode(parts[1])}{header[end..]}";
    }

    private static string ReplaceNumber(string header, int at, string number)
    {
        var numbers = System.Text.RegularExpressions.Regex.Matches(header, @"\d+");
        return numbers.Count == 0 ? header : numbers[at % numbers.Count] is var match ? $"{header[..match.Index]}{number}{header[(match.Index + match.Length)..]}" : header;
    }

    /// <summary>Two tensors trade places; where they have one shape, the header stays sound.</summary>
    private static string SwapOffsets(string header, int at)
    {
        var offsets = System.Text.RegularExpressions.Regex.Matches(header, @"""data_offsets"":\[\d+,\d+\]").Select(match => match.Value).ToArray();
        if (offsets.Length < 2)
            return header;
        string first = offsets[at % offsets.Length], second = offsets[(at / offsets.Length + 1 + at) % offsets.Length];
        return header.Replace(first, "@").Replace(second, first).Replace("@", second);
    }
}
