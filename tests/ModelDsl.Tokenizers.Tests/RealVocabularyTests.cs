using System.Text.Json;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>Ids that the vocabularies' own tools gave.</summary>
public class RealVocabularyTests
{
    [DataTheory]
    [InlineData("falcon")]
    public void HuggingFaceIds(string name)
    {
        var tokenizer = Tokenizer.Load(TestData.Path($"tokenizers/huggingface/{name}/tokenizer.json"));
        using var expected = JsonDocument.Parse(TestData.Bytes($"tokenizers/huggingface/{name}_encoded.json"));
        var text = expected.RootElement.GetProperty("text").GetString()!;
        Assert.Equal(expected.RootElement.GetProperty("token_ids").EnumerateArray().Select(id => id.GetInt32()), tokenizer.Encode(text));
    }
}
