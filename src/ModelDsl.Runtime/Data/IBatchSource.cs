namespace ModelDsl.Runtime;

/// <summary>Where batches come from. A batch is a pure function of the seed and its index, so that resuming is exact.</summary>
public interface IBatchSource
{
    /// <summary>
    /// A short text that differs where batches would: sizes, order, checksums. Checkpoints carry it, so that a run is not
    /// resumed on other data by mistake. Empty where that cannot be told. A source may append facts after ", ": checkpoints that
    /// end before them are taken.
    /// </summary>
    string Fingerprint { get; }

    /// <summary>Looks once, before training, whether this source can fill such batches.</summary>
    /// <exception cref="DatasetException">It cannot; says why.</exception>
    void Check(Batch shape);

    /// <summary>Fills training batch <paramref name="index"/>; allocates nothing.</summary>
    void FillTraining(ulong seed, long index, Batch batch);

    /// <summary>How many batches of this shape the fixed validation list has; 0 where there are no validation data.</summary>
    int ValidationBatches(Batch shape);

    /// <summary>Fills validation batch <paramref name="index"/>, the same whenever it is asked for.</summary>
    void FillValidation(int index, Batch batch);
}
