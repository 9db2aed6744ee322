using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Program;

/// <summary>What must hold of memory over time.</summary>
public sealed partial class ProgramVerifier
{
    /// <summary>Scratch is written before it is read, carries slot by slot; a gradient is begun once and then added to.</summary>
    private void CheckOrder(IReadOnlyList<TimedStep> steps)
    {
        var written = new Written(_entry);
        CheckOrder(steps, written);
        foreach (var result in _entry.Results)
            if (written.Lacks(result.View) is { } lack) Problem($"result {result.Name}: {lack}");
    }

    private void CheckOrder(IReadOnlyList<TimedStep> steps, Written written)
    {
        foreach (var timed in steps)
        {
            foreach (var access in Access.Of(timed.Step))
            {
                var (view, mode) = (access.View, access.Accumulation);
                if (!access.Write || mode != Accumulation.Overwrite && view.Buffer.Space == Space.Scratch)
                {
                    if (written.Lacks(view) is { } lack) Problem($"step {timed.Last} reads {lack}");
                }
                if (!access.Write) continue;
                if (view.Buffer.Space == Space.Gradient && written.Has(view.Buffer) != (mode == Accumulation.Always))
                    Problem(mode == Accumulation.Always ? $"step {timed.Last} adds to {view.Buffer}, which nothing begins" : $"step {timed.Last} overwrites {view.Buffer}, which a step before has added to");
                written.Add(view);
            }
            if (timed.Step is not LoopStep loop) continue;
            CheckOrder(timed.Body, written);
            foreach (var view in loop.Body.All().SelectMany(Access.Of).Where(a => !a.Write).Select(a => a.View))
                if (view.Buffer.Space == Space.Scratch && view.Offset.Symbols().Contains(LoopStep.Here(loop.Index)) && !written.Has(view.Buffer, LoopStep.Next(loop.Index)))
                    Problem($"the layers of {loop.Index} read {view.Buffer} from the layer before, but none writes it for the next");
        }
    }

    /// <summary>Which buffers have been written, and which of their slots.</summary>
    private sealed class Written(Entry entry)
    {
        private readonly HashSet<TensorBuffer> _buffers = [];
        private readonly HashSet<(TensorBuffer, string)> _slots = [];

        /// <summary>Of the buffers that share memory, the one that was written last.</summary>
        private readonly Dictionary<TensorBuffer, TensorBuffer> _holders = [];
        private readonly LoopStep[] _loops = entry.Steps.All().OfType<LoopStep>().ToArray();

        public bool Has(TensorBuffer buffer) => _buffers.Contains(buffer);
        public bool Has(TensorBuffer buffer, string slot) => _slots.Contains((buffer, slot));

        public void Add(View view)
        {
            _buffers.Add(view.Buffer);
            _holders[view.Buffer.Memory] = view.Buffer;
            foreach (string symbol in view.Offset.Symbols()) _slots.Add((view.Buffer, symbol));
        }

        /// <summary>What a read of scratch finds unwritten, in words; null where it is written.</summary>
        public string? Lacks(View view)
        {
            var buffer = view.Buffer;
            if (buffer.Space != Space.Scratch) return null;
            if (!_buffers.Contains(buffer)) return $"{buffer}, which nothing has written";
            if (_holders[buffer.Memory] != buffer) return $"{buffer}, whose memory {_holders[buffer.Memory]} has taken";
            foreach (string symbol in view.Offset.Symbols())
                foreach (var loop in _loops)
                {
                    string? needed = symbol == LoopStep.Here(loop.Index) || symbol == LoopStep.First(loop.Index) ? LoopStep.First(loop.Index)
                        : symbol == LoopStep.Last(loop.Index) || symbol == LoopStep.Next(loop.Index) ? LoopStep.Next(loop.Index) : null;
                    if (needed is not null && !_slots.Contains((buffer, needed))) return $"{buffer} at {symbol}, but nothing has written it at {needed}";
                }
            return null;
        }
    }

    /// <summary>Memory is a buffer's own from its first use to its last, through every iteration that needs what another left.</summary>
    private void CheckLifetimes(IReadOnlyList<TimedStep> steps)
    {
        foreach (var same in _entry.Scratch.GroupBy(l => l.Buffer).Where(g => g.Count() > 1)) Problem($"{same.Key} has {same.Count()} lifetimes");
        var lifetimes = _entry.Scratch.GroupBy(l => l.Buffer).ToDictionary(g => g.Key, g => g.First());
        foreach (var lifetime in lifetimes.Values)
            if (lifetime.Buffer.Space != Space.Scratch) Problem($"{lifetime.Buffer}, which is {lifetime.Buffer.Space.ToString().ToLowerInvariant()}, has a lifetime");
        CheckLifetimes(steps, lifetimes);
        int end = _entry.Scratch.Select(l => l.Last).DefaultIfEmpty(0).Max();
        foreach (var result in _entry.Results)
            if (result.View.Buffer.Space == Space.Scratch && (!lifetimes.TryGetValue(result.View.Buffer.Memory, out var kept) || kept.Last < end))
                Problem($"the result {result.Name} does not live to the end");
    }

    private void CheckLifetimes(IReadOnlyList<TimedStep> steps, Dictionary<TensorBuffer, Lifetime> lifetimes)
    {
        foreach (var timed in steps)
        {
            foreach (var buffer in timed.Step.Views.Select(v => v.Buffer).Where(b => b.Space == Space.Scratch).Select(b => b.Memory).Distinct())
                if (!lifetimes.TryGetValue(buffer, out var life)) Problem($"step {timed.Last} uses {buffer}, which has no lifetime");
                else if (life.First > timed.Last || life.Last < timed.Last)
                    Problem($"step {timed.Last} uses {buffer}, which lives in steps {life.First} to {life.Last}");
            if (timed.Step is not LoopStep loop) continue;
            CheckLifetimes(timed.Body, lifetimes);
            var carried = Carried(timed.Body);
            foreach (var buffer in loop.Body.All().SelectMany(s => s.Views).Select(v => v.Buffer.Memory).Where(lifetimes.ContainsKey).Distinct())
            {
                var life = lifetimes[buffer];
                bool crosses = life.First < timed.First || life.Last >= timed.Last || carried.Contains(buffer);
                if (crosses && (life.First > timed.First || life.Last < timed.Last))
                    Problem($"{buffer} goes through the loop {loop.Index}, steps {timed.First} to {timed.Last}, but lives in steps {life.First} to {life.Last}");
            }
        }
    }

    /// <summary>What a body reads before it writes it: left by an iteration before.</summary>
    private static HashSet<TensorBuffer> Carried(IReadOnlyList<TimedStep> body)
    {
        var (carried, written) = (new HashSet<TensorBuffer>(), new HashSet<TensorBuffer>());
        foreach (var access in body.Select(t => t.Step).All().SelectMany(Access.Of))
            if (access.Write) written.Add(access.View.Buffer.Memory);
            else if (!written.Contains(access.View.Buffer.Memory)) carried.Add(access.View.Buffer.Memory);
        return carried;
    }
}
