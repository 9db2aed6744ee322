using ModelDsl.Conformance.Tests.Models;
using ModelDsl.Conformance.Tests.Support;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Conformance.Tests.Emitted;

/// <summary>What the backward pass computes again changes memory and nothing else.</summary>
public class RecomputeTests
{
    [Fact]
    public void TheSameGradients()
    {
        var reference = Reference.Load("gpt2");
        int Size(string name) => (int)reference.Sizes[name];
        ModelProgram[] programs =
        [
            new Gpt2Recomputed(Size("Vocab"), Size("Context"), Size("Width"), Size("Layers"), Size("Heads")).CreateProgram(),
            new Gpt2Kept(Size("Vocab"), Size("Context"), Size("Width"), Size("Layers"), Size("Heads")).CreateProgram(),
        ];
        using var device = new CpuDevice(2);
        foreach (var program in programs)
        {
            using var trainer = new Trainer(program, device, new TrainerOptions { Batch = Size("B"), Length = Size("T"), ClipNorm = 0 });
            EmittedModels.Fill(trainer.Weights, reference, reference.Elaborate().Weights);
            var result = trainer.Step(EmittedModels.Batch(trainer, reference));
            Assert.Equal(reference.Losses[0], result.Loss, 1e-5 * reference.Losses[0]); // roundings of 6e-8, some hundred in a row
            foreach (var (weight, expected) in reference.Gradients)
            {
                var actual = trainer.Gradients.Infos.Where(i => EmittedModels.IsOf(i.Name, weight)).SelectMany(i => trainer.Gradients[i.Name].ToArray()).ToArray();
                double worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
                Assert.True(worst <= 1e-5 * expected.Max(Math.Abs), $"{program.ModelName}, {weight}: {worst:G3}");
            }
        }
    }

    [Fact]
    public void LessMemoryTheMoreIsComputedAgain()
    {
        long Scratch(ModelProgram program) => program.ScratchBytes(batch: 4, length: 256);
        long layer = Scratch(new Gpt2Recomputed().CreateProgram()), pointwise = Scratch(new Gpt2().CreateProgram()), none = Scratch(new Gpt2Kept().CreateProgram());
        Assert.True(layer < 0.5 * pointwise, $"{layer} and {pointwise} bytes");
        Assert.True(pointwise < none, $"{pointwise} and {none} bytes");
    }
}
