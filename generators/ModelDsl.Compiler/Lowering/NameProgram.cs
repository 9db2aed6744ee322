using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>
/// Names everything in a model's entries: each buffer after its place in the record and its role, as short as is unique in its
/// entry; each kernel after the layers that it computes, its operands after the buffers that it is given. Equal kernels are one.
/// </summary>
public sealed class NameProgram(IEnumerable<string> hyperparameters)
{
    private static readonly HashSet<string> KernelMembers = [Kernel.Rows, Kernel.Columns, "Accumulate", "Run", "Apply"];
    private readonly HashSet<string> _hyperparameters = [.. hyperparameters];
    private readonly Dictionary<Kernel, string> _known = [];
    private readonly HashSet<string> _names = [];
    private readonly List<Kernel> _kernels = [];

    /// <summary>The kernels of all entries so far, in order of first use.</summary>
    public IReadOnlyList<Kernel> Kernels => _kernels;

    public Entry Run(Entry entry)
    {
        NameBuffers(Methods(entry.Steps, "").ToLookup(u => u.Buffer, u => u.Method));
        var loops = entry.Steps.All().OfType<LoopStep>().ToArray();
        return entry with { Steps = entry.Steps.Select(s => Named(s, loops, entry.Name)).ToEquatableArray() };
    }

    /// <summary>The buffers that each method of the entry uses: its own, "", and one for each loop's body, by the loop's index.</summary>
    private static IEnumerable<(TensorBuffer Buffer, string Method)> Methods(IEnumerable<Step> steps, string method) => steps.SelectMany(s =>
        s is LoopStep loop ? Methods(loop.Body, loop.Index) : s.Views.Select(v => (v.Buffer, method)));

    /// <summary>
    /// The shortest of each buffer's names that no other buffer of one of its methods wants; a number where even the longest are
    /// equal. A value that the backward pass computes again has the name that it has in the forward pass.
    /// </summary>
    private void NameBuffers(ILookup<TensorBuffer, string> methods)
    {
        var buffers = methods.Select(m => m.Key).ToArray();
        var uses = methods.ToDictionary(m => m.Key, m => new HashSet<string>(m));
        var level = buffers.ToDictionary(b => b, _ => 0);
        string Wanted(TensorBuffer buffer) => buffer.Origin.Names[level[buffer]];
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (var group in buffers.GroupBy(Wanted).Select(g => g.ToArray()).Where(g => g.Length > 1 || _hyperparameters.Contains(Wanted(g[0]))).ToArray())
                foreach (var buffer in group.Where(b => _hyperparameters.Contains(Wanted(b)) || group.Any(o => o != b && uses[o].Overlaps(uses[b]))).ToArray())
                    if (level[buffer] < buffer.Origin.Names.Count - 1)
                    {
                        level[buffer]++;
                        changed = true;
                    }
        }
        var taken = new HashSet<(string Method, string Name)>();
        foreach (var buffer in buffers)
        {
            string name = Wanted(buffer);
            for (int i = 2; _hyperparameters.Contains(name) || uses[buffer].Any(m => taken.Contains((m, name))); i++) name = Wanted(buffer) + i;
            foreach (string method in uses[buffer]) taken.Add((method, name));
            buffer.Name = name;
        }
    }

    private Step Named(Step step, IReadOnlyList<LoopStep> loops, string entry) => step switch
    {
        LoopStep loop => loop with { Body = loop.Body.Select(s => Named(s, loops, entry)).ToEquatableArray() },
        LaunchStep launch => launch with { Kernel = Named(launch.Kernel, loops, entry) },
        MatMulStep { Epilogue: { } epilogue } product => product with { Epilogue = Named(epilogue, loops, entry) },
        _ => step,
    };

    private KernelCall Named(KernelCall call, IReadOnlyList<LoopStep> loops, string entry)
    {
        var names = new UniqueNames();
        foreach (string member in KernelMembers.Concat(call.Kernel.Sizes.Skip(2)).Concat(call.Kernel.Scalars.Select(s => s.Name))) names.Take(member);
        var operands = call.Kernel.Operands.Select((o, i) => o with { Name = names.Take(BufferNames.Pascal(call.Views[i].Buffer.Name + Slot.Of(call.Views[i], loops).Suffix)) });
        var kernel = call.Kernel with { Name = "", Operands = operands.ToEquatableArray() };
        if (!_known.TryGetValue(kernel, out var name))
        {
            _known.Add(kernel, name = Unique(call.Kernel.Name, entry));
            _kernels.Add(kernel with { Name = name });
        }
        return call with { Kernel = kernel with { Name = name } };
    }

    /// <summary>"AttentionNormForward"; of an entry without a backward pass whose kernel differs, "AttentionNormInfer", "AttentionNormDecode".</summary>
    private string Unique(string wanted, string entry)
    {
        string layers = wanted.EndsWith(Verbs.Forward) ? wanted.Substring(0, wanted.Length - Verbs.Forward.Length) : wanted;
        if (entry == "Train" && _names.Add(wanted)) return wanted;
        foreach (string name in entry == "Train" ? [] : new[] { layers + "Infer", layers + (entry == "Decode" ? "Decode" : "Infer" + entry) })
            if (_names.Add(name)) return name;
        for (int i = 2; ; i++)
            if (_names.Add(wanted + i)) return wanted + i;
    }
}
