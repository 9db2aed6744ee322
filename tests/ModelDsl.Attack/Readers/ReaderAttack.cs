using ModelDsl.Attacks.Running;

namespace ModelDsl.Attacks.Readers;

/// <summary>An attack on a reader of files.</summary>
internal abstract class ReaderAttack : Attack
{
    public override int Weight => 2;

    public override int QuickCases => 1000;

    public override void Run(byte[] input, string folder)
    {
        string path = Path.Combine(folder, $"input.{Extension}");
        File.WriteAllBytes(path, input);
        Read(path);
    }

    /// <summary>Reads the file and uses what it holds.</summary>
    protected abstract void Read(string path);
}
