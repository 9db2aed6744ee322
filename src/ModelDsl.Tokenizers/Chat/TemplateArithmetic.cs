using System.Collections;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>The operators <c>+ - * / // % ~</c>, as in Python; integers have 64 bits.</summary>
internal static class TemplateArithmetic
{
    internal static object? Calculate(TemplateRun run, string op, object? a, object? b)
    {
        switch (op, a, b)
        {
            case ("~", _, _):
                return Join(run, TemplateValues.Text(run, a), TemplateValues.Text(run, b));
            case ("+", string left, string right):
                return Join(run, left, right);
            case ("+", IList left, IList right):
                return TemplateValues.List(run, left.Cast<object?>().Concat(right.Cast<object?>()));
            case ("*", string text, long times):
                return Repeat(run, text, times);
            case (_, long x, long y):
                try
                {
                    return OfIntegers(op, x, y);
                }
                catch (OverflowException)
                {
                    throw run.Error($"{x} {op} {y} does not fit into 64 bits");
                }
                catch (DivideByZeroException)
                {
                    throw run.Error("division by zero");
                }
            case (_, long or double, long or double):
                double divisor = TemplateValues.Number(b);
                return divisor == 0 && op is "/" or "//" or "%" ? throw run.Error("division by zero") : OfFloats(op, TemplateValues.Number(a), divisor);
            default:
                throw run.Error($"{TemplateValues.Kind(a)} {op} {TemplateValues.Kind(b)} is not defined");
        }
    }

    private static string Join(TemplateRun run, string left, string right)
    {
        run.Make((long)left.Length + right.Length);
        return left + right;
    }

    private static string Repeat(TemplateRun run, string text, long times)
    {
        if (text.Length == 0 || times <= 0) return "";
        run.Make(times > int.MaxValue ? long.MaxValue / 4 : text.Length * times);
        return string.Concat(Enumerable.Repeat(text, (int)times));
    }

    private static object OfIntegers(string op, long x, long y)
    {
        checked
        {
            switch (op)
            {
                case "+": return x + y;
                case "-": return x - y;
                case "*": return x * y;
                case "/": return y != 0 ? (double)x / y : throw new DivideByZeroException();
                case "//": return x / y - (x % y != 0 && x < 0 != y < 0 ? 1 : 0);
                default:
                    if (y == -1) return 0L; // long.MinValue % -1 overflows in the processor
                    long remainder = x % y;
                    return remainder != 0 && remainder < 0 != y < 0 ? remainder + y : remainder;
            }
        }
    }

    private static object OfFloats(string op, double x, double y) => op switch
    {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "/" => x / y,
        "//" => Math.Floor(x / y),
        _ => x - Math.Floor(x / y) * y,
    };
}
