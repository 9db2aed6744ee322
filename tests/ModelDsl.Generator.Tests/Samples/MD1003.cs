[Model]
public partial record Mixer(int Vocab = 256, int Width = 64, int Heads = 6)
{
    [Weight(nameof(Vocab), nameof(Width))] public partial Tensor Table { get; }
    [Weight(nameof(Width), nameof(Vocab))] public partial Tensor Head { get; }

    public Tensor Forward([Limit(nameof(Vocab))] Tokens tokens)
    {
        Tensor x = SplitHeads(Lookup(Table, tokens), Heads); // MD1003
        return MatMul(MergeHeads(Attention(x, x, x)), Head);
    }
}
