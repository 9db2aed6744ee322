namespace ModelDsl.Runtime.Tests.Training;

public class PhiloxTests
{
    // The known answers that the generator's authors publish with Random123.
    [Theory]
    [InlineData(0x0ul, 0x0ul, 0x0ul, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x299f31d0a4093822ul, 0x0370734413198a2eul, 0x85a308d3243f6a88ul, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void GivesTheKnownAnswers(ulong key, ulong stream, ulong block, uint x, uint y, uint z, uint w) =>
        Assert.Equal((x, y, z, w), Philox.Block(key, stream, block));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(4097)]
    public void APermutationIsOne(int count)
    {
        var first = Enumerable.Range(0, count).Select(i => Permutation.At(i, count, 5, 0)).ToArray();
        Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), first.Order());
        if (count >= 100)
            Assert.NotEqual(first, Enumerable.Range(0, count).Select(i => Permutation.At(i, count, 5, 1)));
    }
}
