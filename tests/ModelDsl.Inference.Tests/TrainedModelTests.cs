using System.Text;
using ModelDsl.Inference.Tests.Support;
using ModelDsl.Runtime.Tests;

namespace ModelDsl.Inference.Tests;

/// <summary>A model that others have trained says what others have published.</summary>
public class TrainedModelTests
{
    private const string Weights = "weights/stories260K/stories260K.bin", Text = "weights/stories260K/greedy.txt", Vocabulary = "weights/stories260K/tok512.bin";

    [DataFact(Weights)]
    public void GreedyTextIsThePublishedOne()
    {
        using var device = Device.Cpu(2);
        var (model, weights) = Llama2File.Read(TestData.Path(Weights), device);
        using (weights)
        {
            using var generator = model.CreateGenerator(weights);
            byte[][] pieces = Llama2File.Vocabulary(TestData.Path(Vocabulary));
            byte[] text = [.. generator.Stream([1], Sampling.Greedy, 256).SelectMany(token => Llama2File.Bytes(pieces[token]))];
            // The space that the first word begins with belongs to no text.
            Assert.Equal(File.ReadAllText(TestData.Path(Text)).TrimEnd('\n'), Encoding.UTF8.GetString(text.AsSpan(1)).TrimEnd('\n'));
        }
    }

    [DataFact(Weights)]
    public void ItsOwnTextIsLikely()
    {
        using var device = Device.Cpu(2);
        var (model, weights) = Llama2File.Read(TestData.Path(Weights), device);
        using (weights)
        {
            using var generator = model.CreateGenerator(weights);
            int[] text = [.. generator.Stream([1], Sampling.Greedy, 100)];
            float likely = generator.Score([1], text).Average(), unlikely = generator.Score([1], [.. text.Reverse()]).Average();
            Assert.True(likely > -1 && unlikely < -4, $"{likely} and {unlikely} a token");
        }
    }
}
