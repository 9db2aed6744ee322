using System.Buffers;
using System.Text;

namespace ModelDsl.Tokenizers.Patterns;

/// <summary>
/// Writes a pattern so that the engines that read tokenizer.json (Oniguruma, in Ruby's syntax) understand it as it is
/// meant: there <c>$</c> is the end of a line, and <c>{n,m}+</c> repeats a repeat.
/// </summary>
internal static class PortablePattern
{
    private static readonly SearchValues<char> s_count = SearchValues.Create("0123456789,");

    internal static string Of(string pattern)
    {
        var text = new StringBuilder();
        var groups = new Stack<int>(); // where each open group begins in the text
        int atom = 0; // where the last atom begins in the text
        for (int i = 0; i < pattern.Length;)
        {
            char c = pattern[i];
            int length = c switch { '\\' => EscapeLength(pattern, i), '[' => ClassLength(pattern, i), '{' => CountLength(pattern, i), _ => 1 };
            string part = pattern.Substring(i, Math.Min(length, pattern.Length - i));
            i += part.Length;
            switch (c)
            {
                case '(':
                    groups.Push(text.Length);
                    text.Append(c);
                    break;
                case ')' when groups.Count > 0:
                    atom = groups.Pop();
                    text.Append(c);
                    break;
                case '$':
                    atom = text.Length;
                    text.Append(@"(?![\s\S])");
                    break;
                case '{' when length > 1 && i < pattern.Length && pattern[i] == '+':
                    i++;
                    text.Insert(atom, "(?>").Append(part).Append(')');
                    break;
                case '{' when length > 1:
                case '?' or '*' or '+':
                    text.Append(part);
                    break;
                default:
                    atom = text.Length;
                    text.Append(part);
                    break;
            }
        }
        return text.ToString();
    }

    private static int EscapeLength(string pattern, int at)
    {
        if (at + 2 < pattern.Length && pattern[at + 2] == '{' && pattern[at + 1] is 'p' or 'P' or 'x' or 'u' && pattern.IndexOf('}', at) is var close and > 0) return close - at + 1;
        return at + 1 < pattern.Length && pattern[at + 1] is 'x' ? 4 : at + 1 < pattern.Length && pattern[at + 1] is 'u' ? 6 : 2;
    }

    private static int ClassLength(string pattern, int at)
    {
        int depth = 0, i = at;
        for (; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\') i++;
            else if (pattern[i] == '[') depth++;
            else if (pattern[i] == ']' && !(i == at + 1 || i == at + 2 && pattern[at + 1] == '^') && --depth == 0) break;
        }
        return i - at + 1;
    }

    // 1 where the brace is a character and no count.
    private static int CountLength(string pattern, int at)
    {
        int close = pattern.IndexOf('}', at);
        return close > at + 1 && pattern.AsSpan(at + 1, close - at - 1).IndexOfAnyExcept(s_count) < 0 ? close - at + 1 : 1;
    }
}
