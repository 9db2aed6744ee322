using System.Runtime.InteropServices;
using ModelDsl.Attacks.Mutation;
using ModelDsl.Attacks.Running;
using ModelDsl.Attacks.Models;

namespace ModelDsl.Attacks.Readers;

/// <summary>Any file as tokens: opened, checked against a model's vocabulary, and read as batches.</summary>
internal sealed partial class TokenShardAttack : ReaderAttack
{
    private const int Vocabulary = 300, Sequences = 3, Length = 5;

    private static readonly InputInfo[] s_inputs =
        [.. TrainedModels.Small(Vocabulary).CreateProgram().Inputs];

    private readonly ByteMutator _mutator = new([Own(100), Own(70_000), Foreign(), [.. Enumerable.Range(0, 200).Select(i => (byte)(i % 2 == 0 ? i : 0))]], "MDTOKENS", "\0", "\u0001");

    public override string Name => "shards";

    public override string Description => "mutated token files, read as batches; some are cut while they are read";

    public override string Extension => "bin";

    public override byte[] Create(Random random) => _mutator.Next(random);

    protected override void Read(string path)
    {
        using var data = TokenDataset.Open([path], new() { Order = TokenOrder.Epochs });
        var batch = new Batch(s_inputs, Sequences, Length);
        data.Check(batch);
        _ = data.Fingerprint;
        for (int i = 0; i < 4; i++)
        {
            data.FillTraining(1, i * 1000, batch);
            if (i == 1 && data.TrainingTokens % 3 == 0 && OperatingSystem.IsLinux())
                _ = Truncate(path, new FileInfo(path).Length / 3); // as another process may
        }
        for (int i = 0; i < data.ValidationBatches(batch); i++)
            data.FillValidation(i, batch);
        if (batch.Integers("tokens").ContainsAnyExceptInRange(0, Vocabulary - 1))
            throw new AttackException("a token outside the vocabulary reached a batch");
    }

    public override bool IsRefusal(Exception error) => error is DatasetException;

    private static byte[] Own(int vocabulary)
    {
        string path = Path.GetTempFileName();
        try
        {
            using (var writer = new TokenShardWriter(path, vocabulary))
            {
                writer.Append([.. Enumerable.Range(0, 150).Select(i => i * 7 % 100)]);
                writer.Complete();
            }
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>As llm.c writes them.</summary>
    private static byte[] Foreign()
    {
        byte[] file = new byte[1024 + 2 * 120];
        BitConverter.TryWriteBytes(file, 20240520);
        BitConverter.TryWriteBytes(file.AsSpan(4), 1);
        BitConverter.TryWriteBytes(file.AsSpan(8), 120);
        for (int i = 0; i < 120; i++)
            BitConverter.TryWriteBytes(file.AsSpan(1024 + 2 * i), (ushort)i);
        return file;
    }

    [LibraryImport("libc", EntryPoint = "truncate", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Truncate(string path, long length);
}
