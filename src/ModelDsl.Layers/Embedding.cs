namespace ModelDsl.Layers;

/// <summary>A table of Rows vectors of Width elements, indexed by ids.</summary>
[Layer]
public partial record Embedding(int Rows, int Width)
{
    [Weight(nameof(Rows), nameof(Width))] public partial Tensor Weight { get; }

    /// <summary>The vectors of ids [...]: [..., Width].</summary>
    public Tensor Lookup(Tokens ids) => Ops.Lookup(Weight, ids);

    /// <summary>The output head of a language model that shares this table: [..., Width] to a score for each row, [..., Rows].</summary>
    public Tensor Project(Tensor x) => Linear(x, Weight);
}
