using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Tests.Ir;

/// <summary>The algebra of sizes, on random expressions evaluated at sizes that every divisor divides.</summary>
public class PolynomialTests
{
    /// <summary>Every quotient that <see cref="Draw"/> makes is whole here.</summary>
    private static readonly Dictionary<string, long> At = new() { ["B"] = 3, ["Width"] = 120, ["Heads"] = 12, ["Groups"] = 4 };

    private static readonly Polynomial Width = Polynomial.Symbol("Width"), Heads = Polynomial.Symbol("Heads"), Groups = Polynomial.Symbol("Groups");

    [Fact]
    public void Arithmetic_is_that_of_the_values()
    {
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            Polynomial a = Draw(random, 2), b = Draw(random, 2);
            Assert.Equal(a.Evaluate(At) + b.Evaluate(At), (a + b).Evaluate(At));
            Assert.Equal(a.Evaluate(At) - b.Evaluate(At), (a - b).Evaluate(At));
            Assert.Equal(a.Evaluate(At) * b.Evaluate(At), (a * b).Evaluate(At));
            if (!b.IsZero && b.Evaluate(At) != 0) Assert.Equal(a.Evaluate(At), (a * b / b).Evaluate(At));
        }
    }

    [Fact]
    public void Equal_functions_are_equal()
    {
        var random = new Random(2);
        for (int i = 0; i < 200; i++)
        {
            Polynomial a = Draw(random, 2), b = Draw(random, 2), c = Draw(random, 2);
            Assert.Equal(a + b, b + a);
            Assert.Equal(a * b, b * a);
            Assert.Equal(a + b + c, a + (b + c));
            Assert.Equal(Polynomial.Zero, a - a);
            Assert.Equal((a + b).GetHashCode(), (b + a).GetHashCode());
        }
    }

    [Fact]
    public void Text_reads_back()
    {
        var random = new Random(3);
        for (int i = 0; i < 500; i++)
        {
            var a = Draw(random, 3);
            Assert.Equal(a, PolynomialParser.Parse(a.ToString()));
        }
    }

    [Fact]
    public void Heads_times_what_they_split_is_the_width()
    {
        Assert.Equal(Width, Heads * (Width / Heads));
        Assert.Equal(Width / Heads, Groups * (Width / Heads) / Groups);
        Assert.Equal(Width / Heads, Width * Groups / Heads / Groups);
        Assert.Equal(Width / 4, Width / 2 / 2);
        Assert.Equal(Width / 2, 2 * (Width / 4));
        Assert.Equal(Width, Width / 2 + Width / 2);
        Assert.Equal(Width + 1, (3 * Width + 3) / 3);
        Assert.Equal("(Width / Heads)", (6 * Width / (6 * Heads)).ToString());
        Assert.NotEqual(Width / Heads, Width / Groups);
    }

    [Fact]
    public void Division_by_nothing_is_an_error() => Assert.Throws<ShapeException>(() => Width / 0);

    private static Polynomial Draw(Random random, int depth)
    {
        if (depth == 0) return random.Next(3) == 0 ? random.Next(-3, 4) : Polynomial.Symbol(At.Keys.ElementAt(random.Next(At.Count)));
        Polynomial a = Draw(random, depth - 1), b = Draw(random, depth - 1);
        Polynomial[] divisors = [Heads, Groups, 2, 5, Heads * 2];
        return random.Next(4) switch
        {
            0 => a + b,
            1 => a - b,
            2 => a * b,
            _ => a * (Width / divisors[random.Next(divisors.Length)]),
        };
    }
}
