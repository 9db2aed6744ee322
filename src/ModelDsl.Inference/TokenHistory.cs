namespace ModelDsl.Inference;

/// <summary>The tokens of one text so far.</summary>
internal sealed class TokenHistory(int[] prompt)
{
    private int[] _tokens = prompt;

    public int Count { get; private set; } = prompt.Length;

    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    public ReadOnlySpan<int> From(int start) => _tokens.AsSpan(start, Count - start);

    public void Add(int token)
    {
        if (Count == _tokens.Length) Array.Resize(ref _tokens, Math.Max(1024, 2 * Count));
        _tokens[Count++] = token;
    }
}
