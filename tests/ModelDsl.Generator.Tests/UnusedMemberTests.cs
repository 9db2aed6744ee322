namespace ModelDsl.Generator.Tests;

public class UnusedMemberTests
{
    private const string Layer = """
        using ModelDsl;
        [Layer]
        public partial record Scale(int Width, float Rate)
        {
            [Weight(nameof(Width))] public partial Tensor Factor { get; }
            [Weight(nameof(Width))] public partial Tensor Shift { get; }
            public Tensor Forward(Tensor x) => x * Factor;
        }

        """;

    [Fact]
    public void AWeightAndAHyperparameterThatNothingReadsAreFound() =>
        Assert.Equal(["The value of 'Rate' is never used", "The value of 'Shift' is never used"],
            GeneratorHost.Run(Layer).Diagnostics.Select(d => d.GetMessage()).Order());

    [Fact]
    public void AnotherRecordMayReadThem() =>
        Assert.Equal(["The value of 'Rate' is never used"], GeneratorHost.Run(Layer + """
            [Layer]
            public partial record Outer(int Width)
            {
                public Scale Inner => new(Width, 1f);
                public Tensor Forward(Tensor x) => Inner.Forward(x) + Inner.Shift;
            }
            """).Diagnostics.Select(d => d.GetMessage()));
}
