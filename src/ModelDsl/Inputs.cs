namespace ModelDsl;

/// <summary>Token ids, int [B, T]: the input of a language model.</summary>
public sealed class Tokens
{
    private Tokens() { }
}

/// <summary>One class per row, int [B].</summary>
public sealed class Labels
{
    private Labels() { }
}
