namespace ModelDsl.Tokenizers;

/// <summary>One buffer a thread for the methods that return arrays.</summary>
internal static class TokenBufferPool
{
    [ThreadStatic]
    private static TokenBuffer? spare;

    internal static TokenBuffer Rent()
    {
        var buffer = spare ?? new TokenBuffer();
        spare = null;
        buffer.Clear();
        return buffer;
    }

    internal static void Return(TokenBuffer buffer) => spare = buffer;
}
