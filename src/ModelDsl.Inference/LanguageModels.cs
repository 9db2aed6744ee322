using ModelDsl.Runtime;

namespace ModelDsl.Inference;

/// <summary>Generators from models.</summary>
public static class LanguageModels
{
    extension(ILanguageModel model)
    {
        /// <summary>A generator that reads these weights where they stand, on their device: a trainer's, with every step.</summary>
        /// <exception cref="ArgumentException">The weights are of another model or of other hyperparameters.</exception>
        public Generator CreateGenerator(WeightStore weights, GeneratorOptions? options = null) => new(model.CreateDecodeProgram(), weights, options);

        /// <summary>A generator with the weights of a checkpoint: a safetensors file, or a folder that a trainer saved.</summary>
        /// <param name="device">Null is <see cref="Device.Best"/>.</param>
        /// <param name="names">The file's names; null for our own.</param>
        /// <exception cref="CheckpointException">The file is broken, or of another model: says which weights differ.</exception>
        public Generator CreateGenerator(string checkpoint, Device? device = null, GeneratorOptions? options = null, CheckpointNames? names = null)
        {
            var program = model.CreateDecodeProgram();
            var weights = new WeightStore(program.Weights, device ?? Device.Best);
            try
            {
                weights.Load(Directory.Exists(checkpoint) ? Trainer.WeightsFile(checkpoint) : checkpoint, names);
                return new Generator(program, weights, options, ownsWeights: true);
            }
            catch
            {
                weights.Dispose();
                throw;
            }
        }
    }
}
