namespace ModelDsl.Tokenizers.Chat;

/// <summary>How a block ends: what follows runs, or the loop around it is left or continued.</summary>
internal enum TemplateFlow { Next, Break, Continue }

/// <summary>A part of a template that writes output or changes variables.</summary>
internal abstract class TemplateNode(TemplatePlace place)
{
    internal TemplateFlow Run(TemplateScope scope, TemplateText output)
    {
        var outer = scope.Run.Enter(place);
        var flow = Write(scope, output);
        scope.Run.Leave(outer);
        return flow;
    }

    protected abstract TemplateFlow Write(TemplateScope scope, TemplateText output);
}

/// <summary>A part of a template that has a value.</summary>
internal sealed class TemplateExpression(TemplatePlace place, Func<TemplateScope, object?> evaluate)
{
    internal object? Evaluate(TemplateScope scope)
    {
        var outer = scope.Run.Enter(place);
        object? value = evaluate(scope);
        scope.Run.Leave(outer);
        return value;
    }
}

/// <summary>The nodes of a template or a block, one after another.</summary>
internal sealed class TemplateBody(List<TemplateNode> nodes)
{
    internal TemplateFlow Run(TemplateScope scope, TemplateText output)
    {
        foreach (var node in nodes)
            if (node.Run(scope, output) is var flow and not TemplateFlow.Next) return flow;
        return TemplateFlow.Next;
    }
}

internal sealed class TextNode(TemplatePlace place, string text) : TemplateNode(place)
{
    protected override TemplateFlow Write(TemplateScope scope, TemplateText output)
    {
        output.Append(text);
        return TemplateFlow.Next;
    }
}

internal sealed class OutputNode(TemplatePlace place, TemplateExpression value) : TemplateNode(place)
{
    protected override TemplateFlow Write(TemplateScope scope, TemplateText output)
    {
        output.Append(TemplateValues.Text(scope.Run, value.Evaluate(scope)));
        return TemplateFlow.Next;
    }
}

/// <summary>A block whose body is written as it is.</summary>
internal sealed class PlainNode(TemplatePlace place, TemplateBody body) : TemplateNode(place)
{
    protected override TemplateFlow Write(TemplateScope scope, TemplateText output) => body.Run(scope, output);
}

internal sealed class IfNode(TemplatePlace place, List<(TemplateExpression? Condition, TemplateBody Body)> branches) : TemplateNode(place)
{
    protected override TemplateFlow Write(TemplateScope scope, TemplateText output)
    {
        foreach (var (condition, body) in branches)
            if (condition is null || TemplateValues.Truth(condition.Evaluate(scope))) return body.Run(scope, output);
        return TemplateFlow.Next;
    }
}

internal sealed class ForNode(
    TemplatePlace place, TemplateNames names, TemplateExpression items, TemplateExpression? filter, TemplateBody body, TemplateBody? otherwise) : TemplateNode(place)
{
    private const int BytesPerPass = 1024; // the scope and the dictionary `loop`

    protected override TemplateFlow Write(TemplateScope scope, TemplateText output)
    {
        var list = TemplateValues.List(scope.Run, Chosen(scope));
        if (list.Count == 0) return otherwise?.Run(scope, output) ?? TemplateFlow.Next;
        for (int i = 0; i < list.Count; i++)
        {
            scope.Run.Step();
            scope.Run.Allocate(BytesPerPass);
            var inner = new TemplateScope(scope);
            names.Bind(inner, list[i]);
            inner.Set("loop", new Dictionary<string, object?>
            {
                ["index"] = i + 1L, ["index0"] = (long)i, ["revindex"] = (long)list.Count - i, ["revindex0"] = list.Count - i - 1L,
                ["first"] = i == 0, ["last"] = i == list.Count - 1, ["length"] = (long)list.Count,
                ["previtem"] = i > 0 ? list[i - 1] : Undefined.Value, ["nextitem"] = i + 1 < list.Count ? list[i + 1] : Undefined.Value,
            });
            if (body.Run(inner, output) == TemplateFlow.Break) break;
        }
        return TemplateFlow.Next;
    }

    private IEnumerable<object?> Chosen(TemplateScope scope) => TemplateValues.Items(scope.Run, items.Evaluate(scope)).Where(item =>
    {
        if (filter is null) return true;
        var trial = new TemplateScope(scope);
        names.Bind(trial, item);
        return TemplateValues.Truth(filter.Evaluate(trial));
    });
}

internal sealed class JumpNode(TemplatePlace place, TemplateFlow flow) : TemplateNode(place)
{
    protected override TemplateFlow Write(TemplateScope scope, TemplateText output) => flow;
}

/// <summary><c>set name = value</c>, <c>set a, b = pair</c>, <c>set space.member = value</c>, or a set block, whose value is the text of its body.</summary>
internal sealed class SetNode(TemplatePlace place, TemplateNames names, string? member, TemplateExpression? value, TemplateBody? body) : TemplateNode(place)
{
    private const int BytesPerMember = 64;

    protected override TemplateFlow Write(TemplateScope scope, TemplateText output)
    {
        object? result;
        if (body is not null)
        {
            var text = new TemplateText(scope.Run);
            if (body.Run(scope, text) is var flow and not TemplateFlow.Next) return flow;
            result = text.ToString();
        }
        else
        {
            result = value!.Evaluate(scope);
        }
        if (member is null)
        {
            names.Bind(scope, result);
            return TemplateFlow.Next;
        }
        if (scope.Get(names.First) is not TemplateNamespace target) throw scope.Run.Error($"the variable {TemplatePlace.Quote(names.First)} is not a namespace");
        scope.Run.Allocate(BytesPerMember);
        target[member] = result;
        return TemplateFlow.Next;
    }
}

/// <summary>What <c>namespace()</c> gives: the variables that a block inside a loop can change.</summary>
internal sealed class TemplateNamespace(Dictionary<string, object?> values) : Dictionary<string, object?>(values);

/// <summary>The names that a value is assigned to: one, or several for the items of a list.</summary>
internal sealed class TemplateNames(List<string> names)
{
    internal string First => names[0];

    internal bool IsOne => names.Count == 1;

    internal void Bind(TemplateScope scope, object? value)
    {
        if (IsOne)
        {
            scope.Set(First, value);
            return;
        }
        using var parts = TemplateValues.Items(scope.Run, value).GetEnumerator();
        foreach (string name in names) scope.Set(name, parts.MoveNext() ? parts.Current : Undefined.Value);
    }
}

internal sealed class MacroNode(TemplatePlace place, string name, List<(string Name, TemplateExpression? Default)> parameters, TemplateBody body) : TemplateNode(place)
{
    protected override TemplateFlow Write(TemplateScope scope, TemplateText output)
    {
        scope.Set(name, new Function(this, scope));
        return TemplateFlow.Next;
    }

    private string Call(TemplateScope outer, TemplateCallArguments arguments)
    {
        var run = outer.Run;
        if (arguments.Positional.Count > parameters.Count) throw run.Error($"the macro {TemplatePlace.Quote(name)} takes {parameters.Count} arguments");
        var place = run.Enter();
        var scope = new TemplateScope(outer);
        for (int i = 0; i < parameters.Count; i++)
            scope.Set(parameters[i].Name, i < arguments.Positional.Count ? arguments.Positional[i]
                : arguments.Named.TryGetValue(parameters[i].Name, out object? given) ? given
                : parameters[i].Default is { } fallback ? fallback.Evaluate(scope) : Undefined.Value);
        var output = new TemplateText(run);
        body.Run(scope, output);
        run.Leave(place);
        return output.ToString();
    }

    private sealed class Function(MacroNode macro, TemplateScope scope) : ITemplateFunction
    {
        public object? Call(TemplateRun run, TemplateCallArguments arguments) => macro.Call(scope, arguments);
    }
}

/// <summary>A value that can be called.</summary>
internal interface ITemplateFunction
{
    object? Call(TemplateRun run, TemplateCallArguments arguments);
}

internal sealed class TemplateArguments(List<TemplateExpression> positional, List<(string Name, TemplateExpression Value)> named)
{
    private const int BytesPerArgument = 64;

    internal TemplateCallArguments Evaluate(TemplateScope scope)
    {
        scope.Run.Allocate(BytesPerArgument * (2L + positional.Count + named.Count));
        var values = new Dictionary<string, object?>(named.Count);
        List<object?> places = [.. positional.Select(value => value.Evaluate(scope))];
        foreach (var (name, value) in named) values[name] = value.Evaluate(scope);
        return new TemplateCallArguments(places, values);
    }
}

internal sealed record TemplateCallArguments(List<object?> Positional, Dictionary<string, object?> Named)
{
    internal static TemplateCallArguments None { get; } = new([], []);

    /// <summary>An argument by its place or its name, or the fallback.</summary>
    internal object? Get(int place, string name, object? fallback = null) =>
        place < Positional.Count ? Positional[place] : Named.TryGetValue(name, out object? value) ? value : fallback;
}
