using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Lowering;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>A call of this target: the rule of its operands, and how it is printed. Subclasses are discovered.</summary>
internal abstract class CSharpCall : CallRule
{
    public abstract void Print(CallPrinter call);
}

internal abstract class CSharpCall<T> : CSharpCall where T : Operation
{
    public sealed override Type Operation => typeof(T);
}

/// <summary>The calls of this target, found once by reflection.</summary>
internal static class CSharpCalls
{
    private static readonly CSharpCall[] All = typeof(CSharpCalls).Assembly.GetTypes()
        .Where(t => !t.IsAbstract && typeof(CSharpCall).IsAssignableFrom(t)).Select(t => (CSharpCall)Activator.CreateInstance(t)).ToArray();

    public static CallRules Rules { get; } = new(All);

    public static CSharpCall For(Operation operation) => (CSharpCall)Rules.For(operation)!;
}

/// <summary>What a call prints with: its operands as C#, and the statements of a method.</summary>
internal sealed class CallPrinter(CodeWriter code, MethodNames method, CallStep step)
{
    private readonly Expressions _expressions = method.Expressions;

    public Node Node => step.Node;
    public Accumulation Accumulation => step.Accumulation;
    public string Flag => StepPrinter.Flag(step.Accumulation);

    public View Input(int index) => ((ViewInput)step.Inputs[index]).View;
    public View Result(int index = 0) => step.Results[index];
    public View State(int index) => step.State[index];
    public View Scratch(int index) => step.Scratch[index];

    /// <summary>A scalar input, or the start of a range.</summary>
    public HostExpression Host(int index) => step.Inputs[index] is RangeInput range ? range.Start : ((HostInput)step.Inputs[index]).Value;

    public string Pointer(View view) => method.Pointer(view);
    public string Int(Polynomial size) => _expressions.Int(size);
    public string Long(Polynomial size) => _expressions.Long(size);
    public string Text(HostExpression expression) => _expressions.Host(expression);

    /// <summary>"result [shape] = operation(inputs)", or as <paramref name="formula"/> says.</summary>
    public void Comment(string? formula = null)
    {
        string results = string.Join(", ", step.Results.Select((r, i) => step.Results.Count > 1 ? Pointer(r) : $"{Pointer(r)} {_expressions.Shape(step.Node.Types[i].Shape)}"));
        code.Comment($"{results} {(step.Accumulation == Accumulation.Overwrite ? "=" : "+=")} {formula ?? $"{step.Node.Operation.Name}({string.Join(", ", step.Inputs.Select(Words))})"}");
    }

    public string Words(int input) => Words(step.Inputs[input]);

    private string Words(CallInput input) => input switch
    {
        ViewInput view => Pointer(view.View),
        HostInput host => Text(host.Value),
        RangeInput range => Expressions.IsConstant(range.Start, 0) ? "positions" : $"positions from {Text(range.Start)}",
        _ => throw new InvalidOperationException(input.ToString()),
    };

    /// <summary>device.Launch(new Kernel { fields }, rows); without rows the kernel computes its own count from its fields.</summary>
    public void Launch(string kernel, string? rows, params (string Name, string Value)[] fields)
    {
        var texts = fields.Select(f => $"{f.Name} = {f.Value}");
        code.List($"_device.Launch(new {kernel} {{ ", texts, rows is null ? " });" : $" }}, {rows});");
    }

    /// <summary>device.Method(new Type { fields }, ...).</summary>
    public void Device(string name, params (string Type, (string Name, string Value)[] Fields)[] arguments)
    {
        var items = new List<string>();
        for (int a = 0; a < arguments.Length; a++)
            for (int f = 0; f < arguments[a].Fields.Length; f++)
                items.Add((f == 0 ? $"new {arguments[a].Type} {{ " : "") + $"{arguments[a].Fields[f].Name} = {arguments[a].Fields[f].Value}" + (f == arguments[a].Fields.Length - 1 ? " }" : ""));
        code.List($"_device.{name}(", items, ");");
    }
}
