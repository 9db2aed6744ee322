using ModelDsl.Tokenizers.Chat;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>Each limit of <see cref="ChatTemplateLimits"/> at its value and past it, and templates made to exhaust stack, memory or time.</summary>
public class ChatTemplateLimitTests
{
    private const string Macro = "{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}";

    // A test that renders must not fail because the machine is busy.
    private static readonly ChatTemplateLimits Patient = new() { Time = TimeSpan.FromMinutes(5) };

    private static string Render(string template, ChatTemplateLimits limits) =>
        ChatTemplate.Parse(template, limits).Render(new Dictionary<string, object?>());

    private static void Refuses(string limit, string template, ChatTemplateLimits limits)
    {
        var error = Assert.Throws<ChatTemplateException>(() => Render(template, limits));
        Assert.Contains($"({nameof(ChatTemplateLimits)}.{limit})", error.Message);
        Assert.StartsWith($"Line {error.Line}, column {error.Column}: ", error.Message);
    }

    [Fact]
    public void Length()
    {
        Assert.Equal(8, Render(new string('a', 8), Patient with { Length = 8 }).Length);
        Refuses(nameof(ChatTemplateLimits.Length), new string('a', 9), Patient with { Length = 8 });
    }

    [Theory]
    [InlineData("[", "1", "]")] // each level is an expression, the body around them one more
    [InlineData("(", "1", ")")]
    [InlineData("{'a': ", "1", "}")]
    public void DepthOfExpressions(string open, string value, string close)
    {
        string Nested(int levels) => $"{{{{ {Repeat(open, levels)}{value}{Repeat(close, levels)} }}}}";
        Render(Nested(8), Patient with { Depth = 10 });
        Refuses(nameof(ChatTemplateLimits.Depth), Nested(9), Patient with { Depth = 10 });
    }

    [Fact]
    public void DepthOfBlocks()
    {
        static string Nested(int levels) => Repeat("{% if true %}", levels) + "x" + Repeat("{% endif %}", levels);
        Assert.Equal("x", Render(Nested(9), Patient with { Depth = 10 }));
        Refuses(nameof(ChatTemplateLimits.Depth), Nested(10), Patient with { Depth = 10 });
    }

    [Fact]
    public void DepthOfCallsAndValues()
    {
        // Nine calls, each in an expression, a macro, an `if` and an output; the last one evaluates `n > 0`.
        Render(Macro + "{{ f(9) }}", Patient with { Depth = 42 });
        Refuses(nameof(ChatTemplateLimits.Depth), Macro + "{{ f(9) }}", Patient with { Depth = 41 });
        // A list in a list in ...: the output, ten lists, the number.
        const string lists = "{% set n = namespace(l=1) %}{% for i in range(10) %}{% set n.l = [n.l] %}{% endfor %}{{ n.l }}";
        Assert.Equal("[[[[[[[[[[1]]]]]]]]]]", Render(lists, Patient with { Depth = 12 }));
        Refuses(nameof(ChatTemplateLimits.Depth), lists, Patient with { Depth = 11 });
    }

    [Fact]
    public void Steps()
    {
        const string template = "{% for i in range(100) %}{{ i }}{% endfor %}";
        long least = Least(limit => Render(template, Patient with { Steps = limit }));
        Assert.InRange(least, 100, 2000);
        Refuses(nameof(ChatTemplateLimits.Steps), template, Patient with { Steps = least - 1 });
    }

    [Fact]
    public void Output()
    {
        const string made = "{% set n = 'a' * 50 %}{{ n }}{{ n }}";
        Assert.Equal(100, Render(made, Patient with { Output = 100 }).Length);
        Refuses(nameof(ChatTemplateLimits.Output), made, Patient with { Output = 99 });
        Assert.Equal("50", Render("{{ ('a' * 50)|length }}", Patient with { Output = 50 }));
        Refuses(nameof(ChatTemplateLimits.Output), "{{ ('a' * 50)|length }}", Patient with { Output = 49 });
    }

    [Fact]
    public void Memory()
    {
        const string template = "{{ ('a' * 1000000)|length }}";
        long least = Least(limit => Render(template, Patient with { Memory = limit }));
        Assert.InRange(least, 2_000_000, 2_010_000);
        Refuses(nameof(ChatTemplateLimits.Memory), template, Patient with { Memory = least - 1 });
    }

    [Fact]
    public void Time()
    {
        const string endless = "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}";
        Refuses(nameof(ChatTemplateLimits.Time), endless, new() { Steps = long.MaxValue, Memory = long.MaxValue, Time = TimeSpan.FromMilliseconds(1) });
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "a macro behind a thousand signs", "{% macro f() %}{{ " + Repeat("- ", 1000) + "f() }}{% endmacro %}{{ f() }}" },
        { "parentheses", $"{{{{ {Repeat("(", 30_000)}1{Repeat(")", 30_000)} }}}}" },
        { "calls", $"{{{{ {Repeat("f(", 30_000)}1{Repeat(")", 30_000)} }}}}" },
        { "conditions", $"{{{{ {Repeat("0 if 0 else ", 15_000)} 1 }}}}" },
        { "tests", $"{{{{ 1 is eq {Repeat("(1) is eq (", 15_000)}1{Repeat(")", 15_000)} }}}}" },
        { "blocks", Repeat("{% if 1 %}", 15_000) + Repeat("{% endif %}", 15_000) },
        { "cyclic lists compared", "{% set a = [] %}{% set _ = a.append(a) %}{% set b = [] %}{% set _ = b.append(b) %}{{ a == b }}" },
        { "a cyclic list printed", "{% set a = [] %}{% set _ = a.append(a) %}{% set _ = a.append(a) %}{{ a }}" },
        { "a cyclic list as JSON", "{% set a = [] %}{% set _ = a.append(a) %}{% set _ = a.append(a) %}{{ a | tojson(indent=2) }}" },
        { "a cyclic list mapped", "{% set a = [] %}{% set _ = a.append(a) %}{{ a | map(" + Repeat("'map', ", 1000) + "'length') }}" },
        { "shared lists compared", "{% set n = namespace(a=[1], b=[1]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}{% endfor %}{{ n.a == n.b }}" },
        { "endless recursion", "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}" },
        { "a default that calls its macro", "{% macro f(a=f()) %}{% endmacro %}{{ f() }}" },
        { "loops", "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}" },
        { "doubled text", "{% set n = namespace(a='a') %}{% for i in range(60) %}{% set n.a = n.a ~ n.a %}{% endfor %}" },
        { "doubled list", "{% set n = namespace(a=[1]) %}{% for i in range(60) %}{% set n.a = n.a + n.a %}{% endfor %}" },
        { "doubled blocks", Repeat("{% set a %}{{ a }}{{ a }}x{% endset %}", 60) },
        { "a growing list", "{% set a = [1] %}{% for i in range(100000) %}{% for j in range(100000) %}{% set _ = a.append(1) %}{% endfor %}{% endfor %}" },
        { "a repeated text", "{{ 'abc' * 9223372036854775807 }}" },
        { "replaced letters", "{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}" },
        { "a long separator", "{{ range(100000) | join('a' * 1000000) }}" },
        { "a search without end", "{{ ('a' * 2000000 + 'b' + 'a' * 2000000) in 'a' * 8000000 }}" },
        { "long texts compared", "{% set a = 'a' * 4000000 %}{% set b = a + 'x' %}{% set c = a + 'x' %}{% for i in range(100000) %}{{ b == c }}{% endfor %}" },
        { "long texts sorted", "{% set a = 'a' * 4000000 %}{% set b = a + 'x' %}{% set c = a + 'x' %}{% set l = [] %}{% for i in range(9999) %}{% set _ = l.append(b) %}{% set _ = l.append(c) %}{% endfor %}{{ l | sort }}" },
        { "wide indentation", "{{ 'a\nb' | indent(9223372036854775807) }}" },
        { "wide JSON", "{{ [1] | tojson(indent=9223372036854775807) }}" },
        { "a long range", "{{ range(-9223372036854775807, 9223372036854775807) }}" },
        { "a sum past 64 bits", "{{ 9223372036854775807 + 1 }}" },
        { "a quotient past 64 bits", "{{ (-9223372036854775807 - 1) // -1 }}" },
        { "an absolute value past 64 bits", "{{ (-9223372036854775807 - 1) | abs }}" },
        { "a division by zero", "{{ 1.5 % 0 }}" },
        { "an empty text replaced", "{{ 'a'.replace('', 'b') }}" },
        { "an empty text counted", "{{ 'a'.count('') }}" },
        { "an empty separator", "{{ 'a'.split('') }}" },
        { "pop of an empty list", "{{ [].pop() }}" },
        { "a break outside", "{% break %}" },
        { "a break in a macro", "{% for i in [1] %}{% macro f() %}{% break %}{% endmacro %}{% endfor %}" },
        { "a member of a message", "{% set m = dict(a=1) %}{% set m.a = 2 %}" },
        { "a number called", "{{ (1)() }}" },
        { "a block without a name", "{% %}" },
        { "a tag without an end", "{{ 1 " },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void AHostileTemplateIsRefused(string name, string template)
    {
        ChatTemplateException? refusal = null;
        Exception? other = null;
        var thread = new Thread(() =>
        {
            try
            {
                Render(template, ChatTemplateLimits.Default);
            }
            catch (ChatTemplateException error)
            {
                refusal = error;
            }
            catch (Exception error)
            {
                other = error;
            }
        }, maxStackSize: 512 << 10);
        thread.Start();
        thread.Join();
        Assert.True(other is null, $"{name}: {other}");
        Assert.True(refusal is not null, name + " is rendered");
        Assert.InRange(refusal.Line, 1, 2);
        Assert.InRange(refusal.Column, 1, template.Length + 1);
    }

    [Theory]
    [InlineData("{{ 1 + ", "1 + ", "1 }}", "50001")]
    [InlineData("{{ 'a'", " | upper", " }}", "A")]
    [InlineData("{{ x", ".a[0]", " }}", "")]
    [InlineData("{{ 0", " or 0", " or 7 }}", "7")]
    [InlineData("{{ ", "- - ", "1 }}", "1")]
    [InlineData("{{ ", "not not ", "true }}", "True")]
    [InlineData("{% if 0 %}", "{% elif 0 %}", "{% else %}x{% endif %}", "x")]
    public void AChainOfAnyLengthNestsNothing(string begin, string link, string end, string expected) =>
        Assert.Equal(expected, Render(begin + Repeat(link, link == "1 + " ? 49_999 : 20_000) + end, Patient));

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    // The smallest limit within which something renders.
    private static long Least(Action<long> render)
    {
        long refused = 0, rendered = 1 << 30;
        while (rendered - refused > 1)
        {
            long middle = (refused + rendered) / 2;
            try
            {
                render(middle);
                rendered = middle;
            }
            catch (ChatTemplateException)
            {
                refused = middle;
            }
        }
        return rendered;
    }
}
