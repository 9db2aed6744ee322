namespace ModelDsl.Compiler.Ir;

/// <summary>What becomes of an operation where the tokens of a sequence arrive a few at a time.</summary>
public enum DecodeRule
{
    /// <summary>A token's result depends on that token's inputs alone: it is computed for the new tokens only.</summary>
    PerToken,

    /// <summary>It reads what the tokens before have left, as states of its decode step: keys and values, a recurrence's state.</summary>
    Stateful,

    /// <summary>It mixes tokens in a way that has no cache.</summary>
    Unsupported,
}
