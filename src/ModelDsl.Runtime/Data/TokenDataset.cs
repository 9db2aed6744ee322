namespace ModelDsl.Runtime;

/// <summary>
/// Next-token batches from token shards: fills "tokens" [B, T] and, where the model has it, "targets" [B, T], the same
/// tokens one place on. What a batch holds depends on the seed and its index alone.
/// </summary>
public sealed class TokenDataset : IBatchSource, IDisposable
{
    private readonly TokenShard[] _shards;
    private readonly TokenSegments _training, _validation;
    private readonly TokenDatasetOptions _options;
    private int[] _window = [];

    /// <param name="shards">The stream of tokens, in this order; owned from now on.</param>
    /// <param name="validationShards">Tokens for validation alone; where null, a share of <paramref name="shards"/>.</param>
    public TokenDataset(
        IReadOnlyList<TokenShard> shards, TokenDatasetOptions? options = null, IReadOnlyList<TokenShard>? validationShards = null)
    {
        _options = options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegative(options.ValidationShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(options.ValidationShare, 1);
        _shards = [.. shards, .. validationShards ?? []];
        var all = TokenSegments.Whole(shards);
        (_training, _validation) = validationShards is null
            ? all.Split((long)Math.Ceiling(all.Count * (1 - options.ValidationShare)))
            : (all, TokenSegments.Whole(validationShards));
    }

    /// <summary>Opens token files.</summary>
    /// <exception cref="DatasetException">A file is missing, empty, truncated or lies.</exception>
    public static TokenDataset Open(
        IEnumerable<string> files, TokenDatasetOptions? options = null, IEnumerable<string>? validationFiles = null) =>
        new([.. files.Select(TokenShard.Open)], options, validationFiles is null ? null : [.. validationFiles.Select(TokenShard.Open)]);

    /// <summary>Takes tokens that are in memory.</summary>
    public static TokenDataset FromTokens(int[] tokens, TokenDatasetOptions? options = null) =>
        new([TokenShard.FromArray(tokens)], options);

    /// <summary>Tokens to train on.</summary>
    public long TrainingTokens => _training.Count;

    /// <summary>Tokens kept for validation.</summary>
    public long ValidationTokens => _validation.Count;

    public string Fingerprint
    {
        get
        {
            var sample = new SampleChecksum();
            Span<int> token = stackalloc int[1];
            foreach (var shard in _shards)
                for (long i = 0; i < shard.Count; i += Math.Max(1, shard.Count / SampleChecksum.Elements))
                {
                    shard.Read(i, token, int.MaxValue);
                    sample.Add((uint)token[0]);
                }
            return $"{_training.Count} + {_validation.Count} tokens, {_options.Order}, checksum {sample}, {TokenChecksum.Of(_shards, _options.FingerprintTokens)}";
        }
    }

    public void Check(Batch shape)
    {
        int length = shape.Length, limit = Limit(shape);
        foreach (var shard in _shards)
            if (shard.Vocabulary > limit)
                throw new DatasetException(
                    $"{shard.Name}: written with a vocabulary of {shard.Vocabulary}, the model has {limit}. Tokenize it with the model's tokenizer.");
        if (_training.Starts(length) <= 0)
            throw new DatasetException(
                $"{_training.Describe()}: {_training.Count} tokens to train on are too few for sequences of {length} and a target behind the last. Bring more data or a smaller length.");
        if (_validation.Count > 0 && _validation.Starts(length) <= 0)
            throw new DatasetException(
                $"{_validation.Describe()}: {_validation.Count} tokens for validation are too few for sequences of {length}. Bring more data, a smaller length, or ValidationShare = 0.");
        for (int input = 0; input < shape.Inputs.Count; input++)
            if (shape.Inputs[input] is not { Kind: InputKind.Int32, PerToken: true, Shape: [], Name: "tokens" or "targets" })
                throw new DatasetException($"The model has an input '{shape.Inputs[input].Name}', which a stream of tokens cannot fill.");
    }

    public void FillTraining(ulong seed, long index, Batch batch)
    {
        for (int row = 0; row < batch.Sequences; row++)
        {
            long draw = index * batch.Sequences + row;
            if (_options.Order == TokenOrder.RandomCrops)
            {
                long start = Philox.Below(_training.Starts(batch.Length), seed, Stream, (ulong)draw);
                Fill(_training.AtStart(start, batch.Length), row, batch);
            }
            else
            {
                var (epoch, place) = Math.DivRem(draw, _training.Windows(batch.Length));
                long window = Permutation.At(place, _training.Windows(batch.Length), seed, (ulong)epoch);
                Fill(_training.AtWindow(window, batch.Length), row, batch);
            }
        }
    }

    public int ValidationBatches(Batch shape) =>
        (int)Math.Min(_options.ValidationBatches, (_validation.Windows(shape.Length) + shape.Sequences - 1) / shape.Sequences);

    /// <inheritdoc/>
    /// <remarks>Windows spread evenly over the validation tokens; where there are fewer than rows, the rest has no targets.</remarks>
    public void FillValidation(int index, Batch batch)
    {
        long windows = _validation.Windows(batch.Length), wanted = (long)ValidationBatches(batch) * batch.Sequences;
        for (int row = 0; row < batch.Sequences; row++)
        {
            long place = (long)index * batch.Sequences + row;
            bool surplus = windows < wanted && place >= windows;
            long window = surplus ? 0 : windows < wanted ? place : (long)((Int128)place * windows / wanted);
            Fill(_validation.AtWindow(window, batch.Length), row, batch);
            if (surplus && batch.IndexOf("targets") is >= 0 and var targets)
                batch.Integers(targets).Slice(row * batch.Length, batch.Length).Fill(-1);
        }
    }

    /// <summary>The stream of random numbers that crops are drawn from.</summary>
    private static ulong Stream { get; } = Philox.Stream("TokenDataset.RandomCrops");

    private static int Limit(Batch batch) => batch.Inputs[Math.Max(0, batch.IndexOf("tokens"))].Limit;

    private void Fill((TokenShard Shard, long Start) place, int row, Batch batch)
    {
        int length = batch.Length;
        if (_window.Length != length + 1)
            _window = new int[length + 1];
        place.Shard.Read(place.Start, _window, Limit(batch));
        _window.AsSpan(0, length).CopyTo(batch.Integers("tokens").Slice(row * length, length));
        if (batch.IndexOf("targets") is >= 0 and var index)
        {
            var targets = batch.Integers(index).Slice(row * length, length);
            _window.AsSpan(1).CopyTo(targets);
            if (_options.MaskDocumentStarts)
                for (int t = 0; t < length; t++)
                    if (_window[t] == _options.EndOfDocument)
                        targets[t] = -1;
        }
    }

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }
}
