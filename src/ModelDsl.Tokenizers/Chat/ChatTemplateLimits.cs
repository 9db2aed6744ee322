namespace ModelDsl.Tokenizers.Chat;

/// <summary>
/// How much a chat template may use. Templates come with downloaded models, so both reading and rendering are bounded; past
/// a limit the template fails with a <see cref="ChatTemplateException"/> that names the limit.
/// </summary>
public sealed record ChatTemplateLimits
{
    /// <summary>The limits that apply unless others are given.</summary>
    public static ChatTemplateLimits Default { get; } = new();

    /// <summary>The longest template, in characters.</summary>
    public int Length { get; init; } = 1 << 18;

    /// <summary>The deepest nesting: of blocks and expressions in the template, and of evaluations, macro calls and values while it renders.</summary>
    public int Depth { get; init; } = 256;

    /// <summary>The most steps of a rendering: one for each expression, block, loop pass and list item, and for every 256 characters processed.</summary>
    public long Steps { get; init; } = 5_000_000;

    /// <summary>The longest text, in characters: of the result, and of every string on the way to it.</summary>
    public int Output { get; init; } = 1 << 24;

    /// <summary>The most bytes that a rendering may allocate for strings, lists and variables, including those no longer in use.</summary>
    public long Memory { get; init; } = 256L << 20;

    /// <summary>The longest that a rendering may take.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(1);
}
