using ModelDsl.Runtime;

namespace ModelDsl.Inference;

/// <summary>Generators and predictors from models.</summary>
public static class Models
{
    extension(ILanguageModel model)
    {
        /// <summary>A generator that reads these weights where they stand, on their device: a trainer's, with every step.</summary>
        /// <exception cref="ArgumentException">The weights are of another model or of other hyperparameters.</exception>
        public Generator CreateGenerator(WeightStore weights, GeneratorOptions? options = null) => new(model.CreateDecodeProgram(), weights, options);

        /// <summary>A generator with the weights of a checkpoint: a safetensors file, or a folder that a trainer saved.</summary>
        /// <param name="device">Null is <see cref="Device.Best"/>.</param>
        /// <param name="names">The file's names; null for our own.</param>
        /// <exception cref="CheckpointException">
        /// The file is broken, its data are not what was written, or it is of another model or other hyperparameters: says what differs.
        /// </exception>
        public Generator CreateGenerator(string checkpoint, Device? device = null, GeneratorOptions? options = null, CheckpointNames? names = null)
        {
            var program = model.CreateDecodeProgram();
            return Owning(Load(program.Weights, checkpoint, device, names, program.ModelName, program.Hyperparameters), weights => new Generator(program, weights, options, ownsWeights: true));
        }
    }

    extension(IModel model)
    {
        /// <summary>A predictor that reads these weights where they stand, on their device: a trainer's, with every step.</summary>
        /// <exception cref="ArgumentException">The weights are of another model or of other hyperparameters.</exception>
        public Predictor CreatePredictor(WeightStore weights) => new(model.CreateForwardProgram(), weights);

        /// <summary>A predictor with the weights of a checkpoint: a safetensors file, or a folder that a trainer saved.</summary>
        /// <param name="device">Null is <see cref="Device.Best"/>.</param>
        /// <param name="names">The file's names; null for our own.</param>
        /// <exception cref="CheckpointException">
        /// The file is broken, its data are not what was written, or it is of another model or other hyperparameters: says what differs.
        /// </exception>
        public Predictor CreatePredictor(string checkpoint, Device? device = null, CheckpointNames? names = null)
        {
            var program = model.CreateForwardProgram();
            return Owning(Load(program.Weights, checkpoint, device, names, program.ModelName, program.Hyperparameters), weights => new Predictor(program, weights, ownsWeights: true));
        }
    }

    private static WeightStore Load(
        IReadOnlyList<WeightInfo> infos, string checkpoint, Device? device, CheckpointNames? names, string model, string hyperparameters) =>
        Owning(new WeightStore(infos, device ?? Device.Best), weights =>
        {
            weights.Load(Directory.Exists(checkpoint) ? Trainer.WeightsFile(checkpoint) : checkpoint, names, model, hyperparameters);
            return weights;
        });

    /// <summary>What is made of the weights, which are disposed of where that fails.</summary>
    private static T Owning<T>(WeightStore weights, Func<WeightStore, T> make)
    {
        try
        {
            return make(weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }
}
