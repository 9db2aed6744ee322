using Examples.Autoencoder;
using Examples.Classifier;
using Examples.VisionTransformer;
using ModelDsl.Conformance.Tests.Models;
using ModelDsl.Conformance.Tests.Support;
using ModelDsl.Runtime;

namespace ModelDsl.Conformance.Tests.Emitted;

/// <summary>The compiled programs of the models that references speak of.</summary>
internal static class EmittedModels
{
    public static ModelProgram Program(Reference reference)
    {
        int Size(string name) => (int)reference.Sizes[name];
        return reference.Model switch
        {
            "Gpt2" => new Gpt2(Size("Vocab"), Size("Context"), Size("Width"), Size("Layers"), Size("Heads")).CreateProgram(),
            "Llama" => Llama(reference).CreateProgram(),
            "Classifier" => new Classifier(Size("Pixels"), Size("Hidden"), Size("Classes")).CreateProgram(),
            "VariationalAutoencoder" => new VariationalAutoencoder(Size("Pixels"), Size("Hidden"), Size("Code")).CreateProgram(),
            "VisionTransformer" => new VisionTransformer(Size("Side"), Size("Channels"), Size("Patch"), Size("Width"), Size("Layers"), Size("Heads"), Size("Classes")).CreateProgram(),
            _ => throw new ArgumentException($"no compiled program of {reference.Model} is known", nameof(reference)),
        };
    }

    private static Llama Llama(Reference reference)
    {
        int Size(string name) => (int)reference.Sizes[name];
        float Number(string name) => (float)reference.Floats[name];
        var structure = reference.Structure.Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return new Llama(
            Vocab: Size("Vocab"), Width: Size("Width"), Layers: Size("Layers"), Heads: Size("Heads"), KeyHeads: Size("KeyHeads"), HeadWidth: Size("HeadWidth"),
            Hidden: Size("Hidden"), Window: Size("Window"), Theta: Number("Theta"), SoftCap: Number("SoftCap"), Eps: Number("Eps"),
            Rotary: Enum.Parse<Rotary>(structure["Rotary"]), QueryKeyNorm: bool.Parse(structure["QueryKeyNorm"]), TiedHead: bool.Parse(structure["TiedHead"]));
    }

    /// <summary>Gives a trainer the reference's weights.</summary>
    public static void Fill(WeightStore weights, Reference reference, IEnumerable<Compiler.Elaboration.Weight> table)
    {
        foreach (var weight in table)
        {
            var infos = weights.Infos.Where(i => IsOf(i.Name, weight.Name)).ToArray();
            double[] values = Reference.Weight(weight.Name, infos.Sum(i => i.Count));
            int next = 0;
            foreach (var info in infos)
            {
                var layer = new float[info.Count];
                for (int i = 0; i < layer.Length; i++) layer[i] = (float)values[next++];
                weights.Write(info, 0, layer);
            }
        }
    }

    /// <summary>Whether "Blocks.1.Norm.Scale" is one of "Blocks.{}.Norm.Scale".</summary>
    public static bool IsOf(string name, string pattern)
    {
        string[] parts = name.Split('.'), wanted = pattern.Split('.');
        return parts.Length == wanted.Length && parts.Zip(wanted).All(p => p.First == p.Second || p.Second == "{}" && int.TryParse(p.First, out _));
    }

    /// <summary>The reference's batch.</summary>
    public static Batch Batch(Trainer trainer, Reference reference)
    {
        var batch = trainer.NewBatch();
        foreach (var input in batch.Inputs)
        {
            double[] values = reference.Inputs[input.Name];
            if (input.Kind == InputKind.Int32)
                for (int i = 0; i < values.Length; i++) batch.Integers(input.Name)[i] = (int)values[i];
            else
                for (int i = 0; i < values.Length; i++) batch.Floats(input.Name)[i] = (float)values[i];
        }
        return batch;
    }
}
