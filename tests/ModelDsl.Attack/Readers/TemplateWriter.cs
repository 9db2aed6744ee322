using ModelDsl.Attacks.Mutation;

namespace ModelDsl.Attacks.Readers;

/// <summary>Writes templates by the grammar: deep, long and dear ones among them.</summary>
internal sealed class TemplateWriter(Random random)
{
    private static readonly string[] s_names = ["a", "b", "x", "n", "d", "flag", "messages", "tools", "loop", "ns", "message", "f", "g"];
    private static readonly string[] s_binary = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in", "not in"];
    private static readonly string[] s_literals =
        ["0", "1", "-1", "2", "9", "100", "100000", "10000000", "9223372036854775807", "1.5", "1e308", "''", "'a'", "'ab c'", "'\\n'", "'%s%d%5.2f'", "'{0}{a}'", "true", "false", "none", "[]", "{}", "[1, 2, 3]", "['b', 'a']", "{'a': 1}", "[[1], ['x'], none]"];

    // With their arguments; X is an expression.
    private static readonly string[] s_filters =
        ["trim", "upper", "lower", "title", "capitalize", "length", "list", "string", "int", "float", "abs", "round", "round(X)", "sort", "sort(reverse=X)", "sort(attribute='role')", "join", "join(X)", "join(X, attribute='role')", "first", "last", "min", "max", "sum", "unique", "reverse", "tojson", "tojson(indent=X)",
         "default(X)", "replace(X, X)", "map('upper')", "map(attribute='role')", "map(attribute=X)", "select('defined')", "selectattr('role')", "selectattr('role', 'equalto', X)", "rejectattr(X, X, X)", "items", "dictsort", "indent(X)", "batch(X)", "slice(X)", "center(X)", "wordwrap(X)", "truncate(X)", "escape", "safe", "groupby('role')", "attr(X)", "random", "pprint"];

    private static readonly string[] s_methods =
        ["split(X)", "split()", "rsplit(X, X)", "strip()", "strip(X)", "lstrip(X)", "replace(X, X)", "replace(X, X, X)", "upper()", "title()", "startswith(X)", "endswith(X)", "find(X)", "count(X)", "join(X)", "format(X)", "items()", "keys()", "values()", "get(X)", "get(X, X)", "append(X)", "extend(X)", "insert(X, X)", "pop()",
         "pop(X)", "update(X)", "zfill(X)", "ljust(X)", "center(X, X)", "splitlines()", "index(X)", "isdigit()", "encode()", "copy()", "clear()", "setdefault(X, X)", "sort()", "reverse()", "remove(X)"];

    private static readonly string[] s_tests = ["defined", "none", "string", "number", "mapping", "iterable", "sequence", "odd", "even", "divisibleby(X)", "equalto(X)", "sameas(X)", "in(X)", "boolean", "true", "callable"];

    private int _words = 400; // that may still be written

    public string Template() => random.Next(8) switch
    {
        0 => $"{{{{ {Deep()} }}}}",
        1 => $"{{% macro f(a, b=1) %}}{Block(3)}{{{{ f({Expression(2)}) }}}}{{% endmacro %}}{{{{ f({Expression(2)}, b={Expression(2)}) }}}}",
        2 => $"{{% set a = {Expression(2)} %}}{string.Concat(Enumerable.Repeat(ByteMutator.Pick(["{% set a = a + a %}", "{% set a = a ~ a %}", "{% set a = [a, a] %}", "{% set _ = a.append(a) %}", "{% set a = a * 9 %}", "{% set a = {'x': a} %}"], random), 1 << random.Next(9)))}{{{{ {ByteMutator.Pick(["a", "a == a", "a | tojson", "a | string | length", "a < a", "a | sort", "a in a"], random)} }}}}",
        3 => Loops(),
        _ => Block(4),
    };

    private string Loops()
    {
        int depth = 1 + random.Next(8);
        return string.Concat(Enumerable.Range(0, depth).Select(i => $"{{% for i{i} in {ByteMutator.Pick(["range(100000)", "range(1000)", "messages", "range(n)", "'abc' * 1000", "range(0, n, 3)"], random)} %}}"))
            + Block(2) + string.Concat(Enumerable.Repeat("{% endfor %}", depth));
    }

    /// <summary>One construct within itself, many times.</summary>
    private string Deep()
    {
        int depth = 1 << random.Next(17);
        var (open, core, close) = ByteMutator.Pick(
            [("(", "1", ")"), ("[", "", "]"), ("-", "1", ""), ("not ", "true", ""), ("{'a': ", "1", "}"), ("", "x", ".a"), ("", "x", "[0]"), ("", "'a'", " | upper"), ("f(", "1", ")"), ("1 if true else ", "2", ""), ("", "1", " + 1"), ("", "1", " is defined"), ("1 ~ ", "1", ""), ("2 ** ", "2", ""), ("", "'a'", ".strip()")],
            random);
        return string.Concat(Enumerable.Repeat(open, depth)) + core + string.Concat(Enumerable.Repeat(close, depth));
    }

    private string Block(int depth)
    {
        string text = "";
        for (int parts = 1 + random.Next(4); parts > 0; parts--)
            text += depth == 0 ? $"{{{{ {Expression(1)} }}}}" : random.Next(9) switch
            {
                0 => $"{{% for {Name()} in {Expression(2)} %}}{Block(depth - 1)}{{% else %}}e{{% endfor %}}",
                1 => $"{{% for k, v in {Expression(2)}{(random.Next(2) == 0 ? " if k" : "")} %}}{Block(depth - 1)}{{% endfor %}}",
                2 => $"{{% if {Expression(3)} %}}{Block(depth - 1)}{{% elif {Expression(1)} %}}b{{% else %}}{Block(depth - 1)}{{% endif %}}",
                3 => $"{{% set {Name()} = {Expression(3)} %}}",
                4 => $"{{% set ns = namespace(n={Expression(1)}) %}}{{% set ns.n = {Expression(2)} %}}",
                5 => $"{{% set {Name()} %}}{Block(depth - 1)}{{% endset %}}",
                6 => $"{{% macro {Name()}({Name()}, c={Expression(1)}) %}}{Block(depth - 1)}{{% endmacro %}}",
                _ => $"{{{{ {Expression(depth)} }}}}",
            };
        return text;
    }

    private string Expression(int depth)
    {
        if (depth == 0 || --_words < 0)
            return random.Next(2) == 0 ? Name() : ByteMutator.Pick(s_literals, random);
        string Inner() => Expression(depth - 1);
        return random.Next(12) switch
        {
            0 or 1 => $"{Inner()} {ByteMutator.Pick(s_binary, random)} {Inner()}",
            2 => $"({Inner()} {ByteMutator.Pick(s_binary, random)} {Inner()})",
            3 or 4 => $"{Inner()} | {Filled(s_filters, depth)}",
            5 => $"{Inner()}.{Filled(s_methods, depth)}",
            6 => $"{Inner()}[{Inner()}]",
            7 => $"{Inner()}[{Inner()}:{Inner()}:{Inner()}]",
            8 => $"{Inner()} is {Filled(s_tests, depth)}",
            9 => $"({Inner()} if {Inner()} else {Inner()})",
            10 => $"[{Inner()}, {Inner()}]",
            _ => $"{ByteMutator.Pick(["range", "namespace", "raise_exception", "f", "dict", "strftime_now", Name()], random)}({Inner()})",
        };
    }

    private string Filled(string[] forms, int depth) => string.Concat(ByteMutator.Pick(forms, random).Select(letter => letter == 'X' ? Expression(depth - 1) : $"{letter}"));

    private string Name() => ByteMutator.Pick(s_names, random);
}
