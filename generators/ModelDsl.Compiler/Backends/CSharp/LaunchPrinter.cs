using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Passes.Lowering;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>
/// A launch list as methods of a program: one for the list, one for the body of each loop. Each begins with the pointers
/// that it uses; then a launch is a statement, with its shapes as a comment.
/// </summary>
internal sealed class LaunchPrinter(CodeWriter code, string name, LaunchList list, IReadOnlyDictionary<string, string> offsets)
{
    private readonly Dictionary<Storage, int> _blocks = list.Scratch.Select((l, i) => (l.Storage, i)).ToDictionary(p => p.Storage, p => p.i);
    private readonly Queue<(string Name, LoopInstruction Loop, IReadOnlyList<LoopInstruction> Around)> _pending = [];

    /// <summary>The loops around what is being printed, the outermost first: their indices are parameters of its method.</summary>
    private IReadOnlyList<LoopInstruction> _around = [];
    private int _loops, _kernels;

    private string Plan => $"_{Naming.Camel(name)}Plan";

    public void Print(string summary)
    {
        PrintPlan();
        code.Line().Summary(summary);
        code.Block($"private void {name}()", () => PrintBody(list.Instructions));
        while (_pending.Count > 0)
        {
            var (method, loop, around) = _pending.Dequeue();
            _around = [.. around, loop];
            code.Line().Summary($"One layer {(loop.Reverse ? "backwards" : "forwards")}.");
            code.Block($"private void {method}({string.Join(", ", _around.Select(l => $"int {l.Index}"))})", () =>
            {
                foreach (var outer in around.Where(o => Used(loop.Body).Contains(o.Index + "Here"))) code.Line($"int {outer.Index}Here = {Slots(outer).Here};");
                var (here, next) = Slots(loop);
                code.Line($"int {loop.Index}Here = {here}, {loop.Index}Next = {next};   // the slots of what goes from layer to layer");
                PrintBody(loop.Body);
            });
        }
    }

    /// <summary>The slots that a layer reads what goes from layer to layer from, and leaves it in.</summary>
    private static (string Here, string Next) Slots(LoopInstruction loop)
    {
        string after = $"{loop.Index} + 1";
        var (here, next) = loop.Reverse ? (after, loop.Index) : (loop.Index, after);
        return loop.KeepsCarries ? (here, next) : ($"({here}) & 1", $"({next}) & 1");
    }

    /// <summary>The sizes and lives of the list's scratch.</summary>
    private void PrintPlan()
    {
        code.Line($"private MemoryPlan {Plan} = new();").Line();
        code.Line($"private MemoryPlan Plan{name}() => new(").Indent(() =>
        {
            for (int i = 0; i < list.Scratch.Count; i++)
            {
                var (storage, first, last) = list.Scratch[i];
                // A single "new(...)" would be taken for the span of all blocks.
                code.Line($"new{(list.Scratch.Count == 1 ? " MemoryPlan.Block" : "")}({Sizes.Long(storage.Count)}, {first}, {last}){(i < list.Scratch.Count - 1 ? "," : ");")}   // {storage.Name} {storage.Shape}");
            }
        });
    }

    private void PrintBody(IReadOnlyList<Instruction> instructions)
    {
        foreach (var storage in instructions.Where(i => i is not LoopInstruction).SelectMany(PlanMemory.Views).Select(v => v.Storage).Distinct())
            code.Line(Declare(storage));
        DeclareSlots(instructions);
        foreach (var instruction in instructions)
        {
            code.Line();
            if (instruction.Comment.Length > 0 && instruction is not LoopInstruction) code.Line("// " + instruction.Comment);
            Print(instruction);
        }
    }

    /// <summary>Locals for the slots where what goes through a loop's layers begins and ends.</summary>
    private void DeclareSlots(IReadOnlyList<Instruction> instructions)
    {
        var used = Used(instructions);
        foreach (var loop in Loops(list.Instructions))
        {
            string count = Sizes.Nested(Sizes.Int(loop.Count)), far = loop.KeepsCarries ? count : $"{count} & 1";
            if (used.Contains(loop.Index + "First")) code.Line($"int {loop.Index}First = {(loop.Reverse ? far : "0")};");
            if (used.Contains(loop.Index + "Last")) code.Line($"int {loop.Index}Last = {(loop.Reverse ? "0" : far)};");
        }
    }

    private string Declare(Storage storage)
    {
        string type = storage.Type == DType.I32 ? "int*" : "float*", shape = $"   // {storage.Shape}";
        return storage.Kind switch
        {
            StorageKind.Weight => $"float* {storage.Name} = _weights + {offsets[storage.Source]};{shape}",
            StorageKind.Gradient => $"float* {storage.Name} = _gradients + {offsets[storage.Source]};{shape}",
            StorageKind.Input => $"{type} {storage.Name} = ({type})_inputs[{offsets[storage.Source]}];{shape}",
            StorageKind.Cache => $"float* {storage.Name} = _caches + {offsets[storage.Source]};{shape}",
            _ when storage.Type == DType.I32 => $"int* {storage.Name} = (int*)(_scratch + {Plan}[{_blocks[storage]}]);{shape}",
            _ => $"float* {storage.Name} = _scratch + {Plan}[{_blocks[storage]}];{shape}",
        };
    }

    private void Print(Instruction instruction)
    {
        switch (instruction)
        {
            case LaunchInstruction { Grid: null } launch:
                string kernel = $"kernel{_kernels++}";
                code.Line($"var {kernel} = {New(launch.Kernel)};");
                code.Line($"_device.Launch({kernel}, {kernel}.Rows);");
                break;
            case LaunchInstruction launch: code.Line($"_device.Launch({New(launch.Kernel)}, {Sizes.Int(launch.Grid)});"); break;
            case DeviceInstruction device: code.Line($"_device.{device.Method}({string.Join(", ", device.Arguments.Select(New))});"); break;
            case MatMulInstruction product: Print(product); break;
            case LoopInstruction loop:
                string method = $"{name}Layer{(_loops++ == 0 ? "" : _loops.ToString(System.Globalization.CultureInfo.InvariantCulture))}";
                if (loop.Reverse) method += "Backward";
                _pending.Enqueue((method, loop, _around));
                string call = $"{method}({string.Join(", ", _around.Append(loop).Select(l => l.Index))});";
                string count = Sizes.Int(loop.Count);
                code.Line(loop.Reverse
                    ? $"for (int {loop.Index} = {count} - 1; {loop.Index} >= 0; {loop.Index}--) {call}"
                    : $"for (int {loop.Index} = 0; {loop.Index} < {Sizes.Nested(count)}; {loop.Index}++) {call}");
                break;
            default: throw new InvalidOperationException(instruction.ToString());
        }
    }

    private void Print(MatMulInstruction product)
    {
        string Call(string batch) =>
            $"_device.MatMul({Sizes.Int(product.M)}, {Sizes.Int(product.N)}, {Sizes.Int(product.K)}, {Matrix(product.A, batch)}, {Matrix(product.B, batch)}, {Matrix(product.C, batch)}, "
            + $"{Text(product.Accumulation)}, {(product.Epilogue is null ? "new NoEpilogue()" : New(product.Epilogue))});";
        if (product.Batch.IsOne) code.Line(Call(""));
        else code.Line($"for (int batch = 0; batch < {Sizes.Nested(Sizes.Int(product.Batch))}; batch++)").Line("    " + Call("batch"));
    }

    private static string Matrix(MatrixOperand matrix, string batch)
    {
        string pointer = Pointer(matrix.View);
        if (batch.Length > 0 && !matrix.BatchStride.IsZero) pointer += $" + (long){batch} * {Sizes.Nested(Sizes.Long(matrix.BatchStride))}";
        return $"new Matrix({pointer}, {Sizes.Int(matrix.Stride)}{(matrix.Transposed ? ", transposed: true" : "")})";
    }

    private static string New(KernelInstance kernel) => $"new {kernel.Type} {{ {string.Join(", ", kernel.Fields.Select(f => $"{f.Name} = {Text(f.Value)}"))} }}";

    private static string Text(FieldValue value) => value switch
    {
        PointerField pointer => Pointer(pointer.View),
        NullField => "null",
        SizeField { Wide: true } size => Sizes.Long(size.Value),
        SizeField size => Sizes.Int(size.Value),
        TextField text => text.CSharp,
        AccumulateField accumulate => Text(accumulate.Mode),
        _ => throw new InvalidOperationException(value.ToString()),
    };

    private static string Pointer(View view) => view.Offset.IsZero ? view.Storage.Name : $"{view.Storage.Name} + {Sizes.Nested(Sizes.Long(view.Offset))}";

    private static string Text(Accumulation mode) => mode switch
    {
        Accumulation.Overwrite => "false",
        Accumulation.Always => "true",
        _ => "_accumulate",
    };

    /// <summary>What the addresses of a method's own launches are made of.</summary>
    private static HashSet<string> Used(IEnumerable<Instruction> instructions) =>
        [.. instructions.Where(i => i is not LoopInstruction).SelectMany(PlanMemory.Views).SelectMany(v => v.Offset.Symbols())];

    private static IEnumerable<LoopInstruction> Loops(IEnumerable<Instruction> instructions) =>
        instructions.OfType<LoopInstruction>().SelectMany(l => Loops(l.Body).Prepend(l));
}
