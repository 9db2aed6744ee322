namespace ModelDsl.Inference;

/// <summary>How a <see cref="Generator"/> works.</summary>
public sealed record GeneratorOptions
{
    /// <summary>Tokens at which a text ends; they are not part of it.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>Positions of a sequence at most, prompt included; 0 is what the model has a table for, else what memory holds.</summary>
    public int Context { get; init; }

    /// <summary>Tokens of a prompt that go through the model at once: more is faster and takes more memory.</summary>
    public int PromptChunk { get; init; } = 512;
}
