namespace ModelDsl.Runtime;

/// <summary>FNV-1a over numbers sampled from data: cheap for data of any size, and enough to tell two sets apart.</summary>
internal sealed class SampleChecksum
{
    /// <summary>How many elements of an array or file are looked at, about.</summary>
    public const int Elements = 4096;

    private ulong _hash = 0xCBF29CE484222325;

    public void Add(ulong value) => _hash = (_hash ^ value) * 0x100000001B3;

    public override string ToString() => _hash.ToString("x16");
}
