namespace ModelDsl.Runtime.Tests.Data;

public class ArrayDatasetTests
{
    private static Batch NewBatch(int sequences) => new(
        [new("pixels", InputKind.Float32, PerToken: false, [2], 0), new("label", InputKind.Int32, PerToken: false, [], 10)], sequences, 1);

    private static ArrayDataset Digits(int examples, double validationShare = 0) => new ArrayDataset(examples, validationShare)
        .With("pixels", [.. Enumerable.Range(0, 2 * examples).Select(i => i / 2f)])
        .With("label", [.. Enumerable.Range(0, examples)]);

    [Fact]
    public void InputsOfAnExampleStayTogetherAndAnEpochIsAPermutation()
    {
        var data = Digits(10, 0.2);
        var batch = NewBatch(4);
        data.Check(batch);
        var labels = new List<int>();
        for (int i = 0; i < 4; i++)
        {
            data.FillTraining(3, i, batch);
            for (int row = 0; row < 4; row++)
                Assert.Equal([batch.Integers("label")[row], batch.Integers("label")[row] + 0.5f], batch.Floats("pixels").Slice(2 * row, 2).ToArray());
            labels.AddRange(batch.Integers("label"));
        }
        Assert.Equal(Enumerable.Range(0, 8), labels[..8].Order());
        Assert.Equal(Enumerable.Range(0, 8), labels[8..].Order());
        Assert.NotEqual(labels[..8], labels[8..]);
    }

    [Fact]
    public void ValidationIsTheTail()
    {
        var data = Digits(10, 0.4);
        var batch = NewBatch(2);
        Assert.Equal(2, data.ValidationBatches(batch));
        data.FillValidation(1, batch);
        Assert.Equal([8, 9], batch.Integers("label").ToArray());
        var wide = NewBatch(6);
        Assert.Equal(1, data.ValidationBatches(wide));
        data.FillValidation(0, wide);
        Assert.Equal([6, 7, 8, 9, 6, 7], wide.Integers("label").ToArray());
        Assert.Equal(0, Digits(10).ValidationBatches(batch));
    }

    [Fact]
    public void WrongArraysAreNamed()
    {
        var batch = NewBatch(2);
        Refuse(new ArrayDataset(4).With("pixels", new float[8]), "has an input 'label'");
        Refuse(new ArrayDataset(4).With("pixels", new float[7]).With("label", new int[4]), "8 for 4; the array has 7");
        Refuse(new ArrayDataset(4).With("pixels", new int[8]).With("label", new int[4]), "takes Float32");
        Refuse(new ArrayDataset(0).With("pixels", Array.Empty<float>()).With("label", Array.Empty<int>()), "none is left");

        void Refuse(ArrayDataset data, string expected) =>
            Assert.Contains(expected, Assert.Throws<DatasetException>(() => data.Check(batch)).Message);
    }

    [Fact]
    public void AnIntegerOutOfRangeIsNamed()
    {
        var batch = NewBatch(2);
        batch.Integers("label")[1] = 10;
        Assert.Contains("'label' has 10 at element 0 of sequence 1", Assert.Throws<DatasetException>(batch.Validate).Message);
        Assert.Throws<DatasetException>(() => batch.Floats("label").Length);
        Assert.Contains("pixels, label", Assert.Throws<DatasetException>(() => batch.Floats("x").Length).Message);
    }
}
