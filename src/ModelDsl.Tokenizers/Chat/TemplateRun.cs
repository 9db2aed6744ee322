using System.Runtime.CompilerServices;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>A rendering in progress: its place in the template, and how much of its limits it has used.</summary>
internal sealed class TemplateRun(ChatTemplateLimits limits)
{
    private const int CharactersPerStep = 256;
    private const int StepsPerLookAtTheClock = 16; // a power of two

    private readonly long begin = Environment.TickCount64;
    private long steps, bytes;
    private int depth, looks;

    /// <summary>The expression or block at work; errors name it.</summary>
    internal TemplatePlace Place { get; private set; }

    internal ChatTemplateException Error(string reason) => Place.Error(reason);

    /// <summary>Goes one level deeper, to a part of the template; returns the place for <see cref="Leave"/>.</summary>
    internal TemplatePlace Enter(TemplatePlace place)
    {
        var outer = Place;
        At(place);
        if (++depth > limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Error($"the template nests more than {Math.Min(depth - 1, limits.Depth)} evaluations, calls or values ({nameof(ChatTemplateLimits)}.{nameof(limits.Depth)})");
        return outer;
    }

    /// <summary>Goes one level deeper into a value.</summary>
    internal TemplatePlace Enter() => Enter(Place);

    internal void Leave(TemplatePlace outer)
    {
        depth--;
        Place = outer;
    }

    /// <summary>Goes on to a part of the template on the same level.</summary>
    internal void At(TemplatePlace place)
    {
        Place = place;
        Step();
    }

    internal void Step(long count = 1)
    {
        steps += count;
        if (steps > limits.Steps) throw Exceeds($"takes more than {limits.Steps} steps", nameof(limits.Steps));
        if ((++looks & (StepsPerLookAtTheClock - 1)) == 0 && Environment.TickCount64 - begin > limits.Time.TotalMilliseconds)
            throw Exceeds($"takes longer than {limits.Time.TotalSeconds} s", nameof(limits.Time));
    }

    /// <summary>Accounts for reading that many characters.</summary>
    internal void Read(long characters) => Step(characters / CharactersPerStep);

    /// <summary>Accounts for looking for a text in another, at the cost of the worst case.</summary>
    internal void Search(string text, string part) => Read(text.Length * Math.Max(1L, part.Length));

    /// <summary>Accounts for a string of that many characters before it is made.</summary>
    internal void Make(long characters)
    {
        CheckLength(characters);
        Read(characters);
        Allocate(32 + sizeof(char) * characters);
    }

    /// <summary>Refuses a text of more characters than one may have.</summary>
    internal void CheckLength(long characters)
    {
        if (characters > limits.Output) throw Exceeds($"makes a text of more than {limits.Output} characters", nameof(limits.Output));
    }

    internal void Allocate(long more)
    {
        bytes += more;
        if (bytes > limits.Memory) throw Exceeds($"allocates more than {limits.Memory} bytes", nameof(limits.Memory));
    }

    private ChatTemplateException Exceeds(string what, string limit) => Error($"the template {what} ({nameof(ChatTemplateLimits)}.{limit})");
}
