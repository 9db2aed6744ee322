// Reads a split pattern: the regular-expression subset of public tokenizers.
using System.Collections.Generic;
using System.Globalization;

namespace ModelDsl.Compiler.Tokenizers;

/// <summary>
/// Recursive descent over the pattern. Classes nest and intersect (<c>[a-z&amp;&amp;[^x]]</c>) as in Oniguruma and Rust's
/// regex, the two engines that public tokenizers use; <c>$</c> is the end of the text.
/// </summary>
internal sealed class PatternParser
{
    private const int LargestCount = 255;

    private readonly string pattern;
    private readonly PatternBudget budget;
    private int at;
    private bool ignoreCase;

    private PatternParser(string pattern, PatternBudget budget) => (this.pattern, this.budget) = (pattern, budget);

    /// <exception cref="PatternException">The pattern is malformed or outside the subset.</exception>
    internal static PatternNode Parse(string pattern, PatternBudget budget)
    {
        budget.CheckLength(pattern);
        var parser = new PatternParser(pattern, budget);
        var node = parser.Choice();
        if (parser.at < pattern.Length) throw parser.Error("this ')' closes nothing; write \\) for the character");
        return node;
    }

    private bool AtEnd => at >= pattern.Length;

    private char Peek => at < pattern.Length ? pattern[at] : '\0';

    private PatternException Error(string reason) => new(at, reason);

    private bool Take(string text)
    {
        if (string.CompareOrdinal(pattern, at, text, 0, text.Length) != 0) return false;
        at += text.Length;
        return true;
    }

    private PatternNode Choice()
    {
        int column = at;
        budget.Enter(column);
        bool caseOutside = ignoreCase;
        var items = new List<PatternNode> { Sequence() };
        while (Take("|")) items.Add(Sequence());
        ignoreCase = caseOutside;
        budget.Leave();
        return items.Count == 1 ? items[0] : new PatternNode.Choice(column, items);
    }

    private PatternNode Sequence()
    {
        int column = at;
        var items = new List<PatternNode>();
        while (!AtEnd && Peek != '|' && Peek != ')')
            if (Atom() is { } atom) items.Add(Quantified(atom));
        return items.Count == 1 ? items[0] : new PatternNode.Sequence(column, items);
    }

    private PatternNode Quantified(PatternNode item)
    {
        for (bool first = true; ; first = false)
        {
            int column = at, min, max;
            if (Take("?")) (min, max) = (0, 1);
            else if (Take("*")) (min, max) = (0, -1);
            else if (Take("+")) (min, max) = (1, -1);
            else if (Peek == '{' && at + 1 < pattern.Length && (char.IsDigit(pattern[at + 1]) || pattern[at + 1] == ',')) (min, max) = Counts();
            else return item;
            if (!first) throw new PatternException(column, "a quantifier follows a quantifier; put the inner one into (?:...)");
            if (item is PatternNode.Look or PatternNode.StartOfText)
                throw new PatternException(column, "an assertion cannot be repeated");
            var greed = Take("+") ? Greed.Possessive : Take("?") ? Greed.Lazy : Greed.Greedy;
            item = new PatternNode.Repeat(item.Column, item, min, max, greed);
        }
    }

    private (int Min, int Max) Counts()
    {
        int column = at++;
        int min = Peek == ',' ? 0 : Number();
        int max = min;
        if (Take(",")) max = Peek == '}' ? -1 : Number();
        if (!Take("}")) throw Error("expected '}' at the end of the repeat count");
        if (max >= 0 && max < min) throw new PatternException(column, $"the repeat count {{{min},{max}}} ends before it begins");
        if (min > LargestCount || max > LargestCount) throw new PatternException(column, $"repeat counts above {LargestCount} are not supported");
        return (min, max);
    }

    private int Number()
    {
        int value = 0, digits = 0;
        for (; Peek is >= '0' and <= '9' && digits < 6; digits++) value = value * 10 + (pattern[at++] - '0');
        return digits == 0 ? throw Error("expected a number") : value;
    }

    private PatternNode? Atom()
    {
        int column = at;
        switch (Peek)
        {
            case '(': return Group();
            case '[': return One(column, Class());
            case '.': at++; return One(column, CodePointSet.Of('\n').Negate());
            case '$': at++; return new PatternNode.Look(column, CodePointSet.Empty, End: true);
            case '^': at++; return new PatternNode.StartOfText(column);
            case '*' or '+' or '?': throw Error($"'{Peek}' repeats nothing; write \\{Peek} for the character");
            case '\\': return Escape();
            default: return One(column, CodePointSet.Of(CodePoint()));
        }
    }

    private PatternNode.One One(int column, CodePointSet set)
    {
        budget.Step(set.Starts.Count, column);
        return new PatternNode.One(column, ignoreCase ? CodePointSets.IgnoreCase(set, budget, column) : set);
    }

    private PatternNode? Group()
    {
        int column = at;
        at++;
        if (!Take("?")) return Close(Choice(), column);
        if (Take(":")) return Close(Choice(), column);
        if (Take(">")) return new PatternNode.Atomic(column, Close(Choice(), column));
        if (Take("=")) return Lookahead(column, negative: false);
        if (Take("!")) return Lookahead(column, negative: true);
        if (Peek == '<') throw new PatternException(column, "lookbehind and named groups are not supported: a scanner never looks back");
        return Flags(column);
    }

    // (?i:...), (?-i:...), (?i)
    private PatternNode? Flags(int column)
    {
        bool on = true, before = ignoreCase;
        while (Peek is 'i' or 'u' or 's' or 'm' or '-')
        {
            char flag = pattern[at++];
            if (flag == '-') on = false;
            else if (flag == 'i') ignoreCase = on;
            else if (flag != 'u') throw new PatternException(at - 1, $"the flag '{flag}' is not supported (supported: i, u)");
        }
        if (Take(")")) return null; // holds to the end of the enclosing group, where Choice restores it
        if (!Take(":")) throw Error("unknown group; supported are (...), (?:...), (?i:...), (?>...), (?=.) and (?!.)");
        var inside = Close(Choice(), column);
        ignoreCase = before;
        return inside;
    }

    private PatternNode Close(PatternNode inside, int column) =>
        Take(")") ? inside with { Column = column } : throw new PatternException(column, "this '(' is never closed");

    private PatternNode Lookahead(int column, bool negative)
    {
        var inside = Close(Choice(), column);
        if (!OneCharacter(inside, out var set, out bool end))
            throw new PatternException(column, "a lookahead may look at one character only, as in (?!\\S)");
        return negative ? new PatternNode.Look(column, set.Negate(), !end) : new PatternNode.Look(column, set, end);
    }

    private static bool OneCharacter(PatternNode node, out CodePointSet set, out bool end)
    {
        (set, end) = (CodePointSet.Empty, false);
        switch (node)
        {
            case PatternNode.One one:
                set = one.Set;
                return true;
            case PatternNode.Look { End: true } look:
                (set, end) = (look.Set, true);
                return true;
            case PatternNode.Choice choice:
                foreach (var item in choice.Items)
                {
                    if (!OneCharacter(item, out var itemSet, out bool itemEnd)) return false;
                    (set, end) = (set.Union(itemSet), end || itemEnd);
                }
                return true;
            default:
                return false;
        }
    }

    private PatternNode Escape()
    {
        int column = at;
        char kind = at + 1 < pattern.Length ? pattern[at + 1] : '\0';
        switch (kind)
        {
            case 'z' or 'Z': at += 2; return new PatternNode.Look(column, CodePointSet.Empty, End: true);
            case 'A': at += 2; return new PatternNode.StartOfText(column);
            case 'b' or 'B' or 'G': throw Error($"\\{kind} is not supported: a scanner never looks back");
            case >= '1' and <= '9': throw Error("back references are not supported: no scanner can follow them");
            default: return One(column, ClassEscape());
        }
    }

    // What both an atom and a class may hold behind a backslash.
    private CodePointSet ClassEscape()
    {
        int column = at++;
        if (AtEnd) throw new PatternException(column, "the pattern ends within an escape");
        char kind = pattern[at++];
        switch (kind)
        {
            case 's': return CodePointSets.Space;
            case 'S': return CodePointSets.Space.Negate();
            case 'd': return CodePointSets.Digit;
            case 'D': return CodePointSets.Digit.Negate();
            case 'w': return CodePointSets.Word;
            case 'W': return CodePointSets.Word.Negate();
            case 'p' or 'P': return Property(column, kind == 'P');
            case 'n': return CodePointSet.Of('\n');
            case 'r': return CodePointSet.Of('\r');
            case 't': return CodePointSet.Of('\t');
            case 'f': return CodePointSet.Of('\f');
            case 'v': return CodePointSet.Of('\v');
            case '0': return CodePointSet.Of(0);
            case 'x' or 'u' or 'U': return CodePointSet.Of(Hexadecimal(column, kind == 'x' ? 2 : kind == 'u' ? 4 : 8));
        }
        if (char.IsLetterOrDigit(kind)) throw new PatternException(column, $"the escape \\{kind} is not supported");
        at--;
        return CodePointSet.Of(CodePoint());
    }

    private CodePointSet Property(int column, bool negated)
    {
        string name;
        if (Take("{"))
        {
            int end = pattern.IndexOf('}', at);
            if (end < 0) throw new PatternException(column, "expected '}' at the end of the property");
            name = pattern.Substring(at, end - at);
            at = end + 1;
        }
        else
        {
            name = AtEnd ? "" : pattern[at++].ToString();
        }
        if (name.StartsWith("^", System.StringComparison.Ordinal)) (name, negated) = (name.Substring(1), !negated);
        var set = CodePointSets.Named(name) ?? throw new PatternException(column,
            $"the property '{name}' is not supported (supported: the general categories, White_Space, Han, Hiragana, Katakana, Hangul)");
        return negated ? set.Negate() : set;
    }

    private int Hexadecimal(int column, int digits)
    {
        string text;
        if (Take("{"))
        {
            int end = pattern.IndexOf('}', at);
            text = end < 0 ? "" : pattern.Substring(at, end - at);
            at = end + 1;
        }
        else
        {
            text = at + digits <= pattern.Length ? pattern.Substring(at, digits) : "";
            at += digits;
        }
        return int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) && value is >= 0 and < CodePointSet.Limit
            ? value
            : throw new PatternException(column, "expected the hexadecimal number of a code point");
    }

    private int CodePoint()
    {
        if (char.IsHighSurrogate(Peek) && at + 1 < pattern.Length && char.IsLowSurrogate(pattern[at + 1]))
        {
            at += 2;
            return char.ConvertToUtf32(pattern[at - 2], pattern[at - 1]);
        }
        return pattern[at++];
    }

    private CodePointSet Class()
    {
        int column = at++;
        budget.Enter(column);
        bool negated = Take("^");
        var set = CodePointSet.Empty;
        CodePointSet? intersected = null;
        for (bool first = true; ; first = false)
        {
            if (AtEnd) throw new PatternException(column, "this '[' is never closed");
            if (Peek == ']' && !first) break;
            if (Take("&&"))
            {
                intersected = intersected is null ? set : intersected.Intersect(set);
                set = CodePointSet.Empty;
                continue;
            }
            set = set.Union(ClassItem());
            budget.Step(set.Starts.Count, column);
        }
        at++;
        budget.Leave();
        if (intersected is not null) set = intersected.Intersect(set);
        if (ignoreCase) set = CodePointSets.IgnoreCase(set, budget, column);
        return negated ? set.Negate() : set;
    }

    private CodePointSet ClassItem()
    {
        int column = at;
        if (Peek == '[')
            return at + 1 < pattern.Length && pattern[at + 1] == ':'
                ? throw Error("classes such as [:alpha:] are not supported; write \\p{L}")
                : Class();
        var low = ClassCharacter();
        if (Peek != '-' || at + 1 >= pattern.Length || pattern[at + 1] is ']' or '[') return low;
        at++;
        var high = ClassCharacter();
        if (Single(low) is not { } first || Single(high) is not { } last) throw new PatternException(column, "a range needs a character at both ends");
        if (last < first) throw new PatternException(column, "the range ends before it begins");
        return CodePointSet.Of(first, last);
    }

    private CodePointSet ClassCharacter() => Peek == '\\' ? ClassEscape() : CodePointSet.Of(CodePoint());

    private static int? Single(CodePointSet set)
    {
        int? single = null;
        foreach (var (first, last) in set.WholeRanges())
        {
            if (first != last || single is not null) return null;
            single = first;
        }
        return single;
    }
}
