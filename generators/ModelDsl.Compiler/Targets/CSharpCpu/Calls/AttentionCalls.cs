using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu.Calls;

/// <summary>Device.Attention: softmax attention without a score matrix.</summary>
internal sealed class AttentionCall : CSharpCall<Attention>
{
    public override bool Supports(Node node) => node.Inputs.Skip(3).All(i => i.IsHostScalar());
    public override InputForm Input(Node node, int index) => index < 3 ? InputForm.Rows(2) : InputForm.Host;
    public override ResultForm Result(Node node, int index) => new(index == 0 ? 2 : 3);

    public override void Print(CallPrinter call)
    {
        call.Comment($"attention({call.Words(0)}, {call.Words(1)}, {call.Words(2)}); {call.Pointer(call.Result(1))} is the log-sum-exp of each query's scores");
        call.Device("Attention", ("AttentionArguments", AttentionFields.Of(call, AttentionFields.Whole(call), 3, call.Result(0), call.Result(1))));
    }
}

/// <summary>Device.AttentionBackward.</summary>
internal sealed class AttentionGradientCall : CSharpCall<AttentionGradient>
{
    public override bool Supports(Node node) => node.Inputs.Skip(6).All(i => i.IsHostScalar());
    public override InputForm Input(Node node, int index) => index == 4 ? InputForm.Rows(3) : index < 6 ? InputForm.Rows(2) : InputForm.Host;
    public override ResultForm Result(Node node, int index) => new(2);
    public override IEnumerable<ScratchForm> Scratch(Node node) => [new("Scratch", node.Inputs[4].Shape)];

    public override void Print(CallPrinter call)
    {
        View gradient = call.Input(5), dq = call.Result(0), dk = call.Result(1), dv = call.Result(2);
        call.Comment($"the gradients of attention({call.Words(0)}, {call.Words(1)}, {call.Words(2)}), given that of its result, {call.Words(5)}");
        call.Device("AttentionBackward",
            ("AttentionArguments", AttentionFields.Of(call, AttentionFields.Whole(call), 6, call.Input(3), call.Input(4))),
            ("AttentionGradients",
            [
                ("Output", call.Pointer(gradient)), ("Query", call.Pointer(dq)), ("Key", call.Pointer(dk)), ("Value", call.Pointer(dv)),
                ("OutputStride", call.Int(gradient.RowStride(2))), ("QueryStride", call.Int(dq.RowStride(2))),
                ("KeyStride", call.Int(dk.RowStride(2))), ("ValueStride", call.Int(dv.RowStride(2))),
                ("Scratch", call.Pointer(call.Scratch(0))),
            ]));
    }
}

/// <summary>Device.Attention of new tokens over the keys and values that the state holds.</summary>
internal sealed class CachedAttentionCall : CSharpCall<CachedAttention>
{
    public override bool Supports(Node node) => node.Inputs.Skip(3).All(i => i.IsHostScalar());
    public override InputForm Input(Node node, int index) => index < 3 ? InputForm.Rows(2) : InputForm.Host;
    public override ResultForm Result(Node node, int index) => new(2);

    public override void Print(CallPrinter call)
    {
        View keys = call.State(0), values = call.State(1);
        var start = call.Host(CachedAttention.Start);
        var memory = new AttentionKeys(keys, values, keys.Strides[1], values.Strides[1], keys.Strides[0], values.Strides[0],
            $"{call.Text(start)} + {call.Int(call.Input(0).Shape[1])}", call.Text(start));
        call.Comment($"attention({call.Words(0)}, {call.Pointer(keys)}, {call.Pointer(values)})");
        call.Device("Attention", ("AttentionArguments", AttentionFields.Of(call, memory, CachedAttention.Scalars, call.Result(0), null)));
    }
}

/// <summary>The keys and values of an attention in memory.</summary>
/// <param name="KeyStride">Elements from one token to the next; <paramref name="KeyBatchStride"/> from one sequence to the next.</param>
/// <param name="Length">How many of them count.</param>
/// <param name="QueryStart">The position of the first query.</param>
internal sealed record AttentionKeys(
    View Keys, View Values, Polynomial KeyStride, Polynomial ValueStride, Polynomial KeyBatchStride, Polynomial ValueBatchStride, string Length, string QueryStart);

/// <summary>The fields of the runtime's AttentionArguments. What is the struct's default is left out.</summary>
internal static class AttentionFields
{
    /// <summary>Keys and values that are inputs of the call.</summary>
    public static AttentionKeys Whole(CallPrinter call)
    {
        View q = call.Input(0), k = call.Input(1), v = call.Input(2);
        Polynomial keyStride = k.RowStride(2), valueStride = v.RowStride(2);
        return new AttentionKeys(k, v, keyStride, valueStride, keyStride * k.Shape[1], valueStride * v.Shape[1], call.Int(k.Shape[1]), call.Int(k.Shape[1] - q.Shape[1]));
    }

    /// <param name="scalars">The place of the scale; the soft cap and the window follow it.</param>
    /// <param name="logSumExp">Null where no gradient follows.</param>
    public static (string, string)[] Of(CallPrinter call, AttentionKeys keys, int scalars, View output, View? logSumExp)
    {
        var q = call.Input(0);
        var fields = new List<(string, string)>
        {
            ("Query", call.Pointer(q)), ("Key", call.Pointer(keys.Keys)), ("Value", call.Pointer(keys.Values)), ("Output", call.Pointer(output)),
        };
        if (logSumExp is not null) fields.Add(("LogSumExp", call.Pointer(logSumExp)));
        fields.AddRange(
        [
            ("Batch", call.Int(q.Shape[0])), ("QueryLength", call.Int(q.Shape[1])), ("KeyLength", keys.Length),
            ("Heads", call.Int(q.Shape[2])), ("KeyHeads", call.Int(keys.Keys.Shape[2])), ("HeadSize", call.Int(q.Shape[3])),
            ("QueryStride", call.Int(q.RowStride(2))), ("KeyStride", call.Int(keys.KeyStride)),
            ("ValueStride", call.Int(keys.ValueStride)), ("OutputStride", call.Int(output.RowStride(2))),
            ("KeyBatchStride", call.Long(keys.KeyBatchStride)), ("ValueBatchStride", call.Long(keys.ValueBatchStride)),
            ("Scale", call.Text(call.Host(scalars))),
        ]);
        if (!Expressions.IsConstant(call.Host(scalars + 1), 0)) fields.Add(("SoftCap", call.Text(call.Host(scalars + 1))));
        if (!Expressions.IsConstant(call.Host(scalars + 2), 0)) fields.Add(("Window", call.Text(call.Host(scalars + 2))));
        fields.Add(("Causal", call.Node.Attributes.Get<bool>("causal") ? "true" : "false"));
        if (keys.QueryStart != "0") fields.Add(("QueryStart", keys.QueryStart));
        return [.. fields];
    }
}
