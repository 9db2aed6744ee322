using System.Text;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>A part of a template that writes output or changes variables.</summary>
internal abstract class TemplateNode
{
    internal abstract void Run(TemplateScope scope, StringBuilder output);
}

/// <summary>A part of a template that has a value.</summary>
internal sealed class TemplateExpression(Func<TemplateScope, object?> evaluate)
{
    internal object? Evaluate(TemplateScope scope) => evaluate(scope);
}

internal sealed class TextNode(string text) : TemplateNode
{
    internal override void Run(TemplateScope scope, StringBuilder output) => output.Append(text);
}

internal sealed class SequenceNode(List<TemplateNode> nodes) : TemplateNode
{
    internal override void Run(TemplateScope scope, StringBuilder output)
    {
        foreach (var node in nodes) node.Run(scope, output);
    }
}

internal sealed class OutputNode(TemplateExpression value) : TemplateNode
{
    internal override void Run(TemplateScope scope, StringBuilder output) => output.Append(TemplateValues.Text(value.Evaluate(scope)));
}

internal sealed class IfNode(List<(TemplateExpression? Condition, TemplateNode Body)> branches) : TemplateNode
{
    internal override void Run(TemplateScope scope, StringBuilder output)
    {
        foreach (var (condition, body) in branches)
            if (condition is null || TemplateValues.Truth(condition.Evaluate(scope)))
            {
                body.Run(scope, output);
                return;
            }
    }
}

internal sealed class ForNode(List<string> names, TemplateExpression items, TemplateExpression? filter, TemplateNode body, TemplateNode? otherwise) : TemplateNode
{
    internal override void Run(TemplateScope scope, StringBuilder output)
    {
        var list = TemplateValues.Items(items.Evaluate(scope)).Where(item =>
        {
            if (filter is null) return true;
            var trial = new TemplateScope(scope);
            Bind(trial, item);
            return TemplateValues.Truth(filter.Evaluate(trial));
        }).ToList();
        if (list.Count == 0) otherwise?.Run(scope, output);
        for (int i = 0; i < list.Count; i++)
        {
            var inner = new TemplateScope(scope);
            Bind(inner, list[i]);
            inner.Set("loop", new Dictionary<string, object?>
            {
                ["index"] = i + 1L, ["index0"] = (long)i, ["revindex"] = (long)list.Count - i, ["revindex0"] = list.Count - i - 1L,
                ["first"] = i == 0, ["last"] = i == list.Count - 1, ["length"] = (long)list.Count,
                ["previtem"] = i > 0 ? list[i - 1] : Undefined.Value, ["nextitem"] = i + 1 < list.Count ? list[i + 1] : Undefined.Value,
            });
            try
            {
                body.Run(inner, output);
            }
            catch (JumpNode.Jump jump)
            {
                if (jump.Leaves) break;
            }
        }
    }

    private void Bind(TemplateScope scope, object? item)
    {
        if (names.Count == 1)
        {
            scope.Set(names[0], item);
            return;
        }
        var parts = TemplateValues.Items(item).ToList();
        for (int i = 0; i < names.Count; i++) scope.Set(names[i], i < parts.Count ? parts[i] : Undefined.Value);
    }
}

internal sealed class JumpNode(bool leaves) : TemplateNode
{
    internal override void Run(TemplateScope scope, StringBuilder output) => throw new Jump(leaves);

    internal sealed class Jump(bool leaves) : Exception
    {
        internal bool Leaves => leaves;
    }
}

internal sealed class SetNode(List<string> names, string? member, TemplateExpression? value, TemplateNode? body) : TemplateNode
{
    internal override void Run(TemplateScope scope, StringBuilder output)
    {
        object? result;
        if (body is not null)
        {
            var text = new StringBuilder();
            body.Run(scope, text);
            result = text.ToString();
        }
        else
        {
            result = value!.Evaluate(scope);
        }
        if (member is not null)
        {
            if (scope.Get(names[0]) is not Dictionary<string, object?> target) throw new ChatTemplateException($"The variable '{names[0]}' is no namespace.");
            target[member] = result;
        }
        else if (names.Count == 1)
        {
            scope.Set(names[0], result);
        }
        else
        {
            var parts = TemplateValues.Items(result).ToList();
            for (int i = 0; i < names.Count; i++) scope.Set(names[i], i < parts.Count ? parts[i] : Undefined.Value);
        }
    }
}

internal sealed class MacroNode(string name, List<(string Name, TemplateExpression? Default)> parameters, TemplateNode body) : TemplateNode
{
    private const int DeepestCall = 100;

    [ThreadStatic]
    private static int calls;

    internal override void Run(TemplateScope scope, StringBuilder output) => scope.Set(name, new Function(this, scope));

    private string Call(TemplateScope outer, TemplateCallArguments arguments, int line)
    {
        if (arguments.Positional.Count > parameters.Count) throw new ChatTemplateException($"Line {line}: the macro '{name}' takes {parameters.Count} arguments.");
        if (++calls > DeepestCall) throw new ChatTemplateException($"Line {line}: the macro '{name}' calls itself too often.");
        try
        {
            var scope = new TemplateScope(outer);
            for (int i = 0; i < parameters.Count; i++)
                scope.Set(parameters[i].Name, i < arguments.Positional.Count ? arguments.Positional[i]
                    : arguments.Named.TryGetValue(parameters[i].Name, out object? given) ? given : parameters[i].Default?.Evaluate(scope) ?? Undefined.Value);
            var output = new StringBuilder();
            body.Run(scope, output);
            return output.ToString();
        }
        finally
        {
            calls--;
        }
    }

    private sealed class Function(MacroNode macro, TemplateScope scope) : ITemplateFunction
    {
        public object? Call(TemplateCallArguments arguments, int line) => macro.Call(scope, arguments, line);
    }
}

/// <summary>What can be called by its name.</summary>
internal interface ITemplateFunction
{
    object? Call(TemplateCallArguments arguments, int line);
}

internal sealed class TemplateArguments(List<TemplateExpression> positional, List<(string Name, TemplateExpression Value)> named)
{
    internal TemplateCallArguments Evaluate(TemplateScope scope) =>
        new([.. positional.Select(value => value.Evaluate(scope))], named.ToDictionary(argument => argument.Name, argument => argument.Value.Evaluate(scope)));
}

internal sealed record TemplateCallArguments(List<object?> Positional, Dictionary<string, object?> Named)
{
    /// <summary>An argument by its place or its name, or the fallback.</summary>
    internal object? Get(int place, string name, object? fallback = null) =>
        place < Positional.Count ? Positional[place] : Named.TryGetValue(name, out object? value) ? value : fallback;
}
