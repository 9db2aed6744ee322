using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Program;
using static ModelDsl.Compiler.Tests.Program.LayersOfTanh;

namespace ModelDsl.Compiler.Tests.Program;

public class ProgramTextTests
{
    [Fact]
    public void AnEntryReadsFromTopToBottom() => Assert.Equal(
        """
        entry Train
        memory
          input x f32[B, Width] "X"
          scratch layers f32[2, B, Width] steps 0 to 3
          weight weight f32[Layers, Width, Width] "Weight"
          scratch y f32[B, Width] steps 3 to 5
          scratch biasPartial f32[4, Width] steps 4 to 5
          gradient dBias f32[Width] "Bias"
        steps
          0 launch CopyKernel, Rows = B, Columns = Width over B rows
            Source = x [B, Width]
            Destination = layers[layerFirst] [B, Width]
          for layer in 0 .. Layers (Blocks)
            1 matmul [B, Width] = [B, Width] x [Width, Width]
              c = layers[layerNext] [B, Width] stride Width
              a = layers[layerHere] [B, Width] stride Width
              b = weight[layer] [Width, Width] stride Width
              then TanhKernel, Rows = B, Columns = Width
                X = layers[layerNext] [B, Width]
          2 end layer
          3 launch CopyKernel, Rows = B, Columns = Width over B rows
            Source = layers[layerLast] [B, Width]
            Destination = y [B, Width]
          4 launch PartialSumsKernel, Rows = B, Columns = Width over 4 chunks
            X = y [B, Width]
            Sums = biasPartial [4, Width]
          5 call sum axes=(0) keep=false adding from the second micro-step
            result = dBias [Width]
            input = biasPartial [4, Width]
        results
          y = y [B, Width]

        kernel CopyKernel(Rows, Columns)
          read Source f32[] at row * Columns + column
          write Destination f32[] at row * Columns + column
          columns
            %0 f32 = Source
            Destination = %0

        kernel TanhKernel(Rows, Columns)
          write X f32[] at row * Columns + column
          columns
            %0 f32 = X
            %1 f32 = tanh %0
            X = %1

        kernel PartialSumsKernel(Rows, Columns) chunked
          read X f32[] at row * Columns + column
          write Sums f32[] at chunk * Columns + column
          columns
            %0 f32 = X
            Sums += %0

        """, ProgramText.Print(Whole));

    [Fact]
    public void ViewsAreWrittenInTheAxesOfTheirBuffer()
    {
        var whole = View.Whole(Weights);
        Assert.Equal("weight [Layers, Width, Width]", ProgramText.Text(whole));
        Assert.Equal("weight[2 * layer] [Width, Width]", ProgramText.Text(whole.At(2 * Symbol("layer"))));
        Assert.Equal("weight[layer, 1] [Width]", ProgramText.Text(whole.At(Symbol("layer")).At(1)));
        Assert.Equal("weight[1:Layers] [Layers - 1, Width, Width]", ProgramText.Text(whole.Slice(0, 1, Depth - 1)));
        Assert.Equal("weight[:, :, 3:5] [Layers, Width, 2]", ProgramText.Text(whole.Slice(2, 3, 2)));
        Assert.Equal("weight[layer] [Width * Width]", ProgramText.Text(whole.At(Symbol("layer")).Reshape(new(Width * Width))!));
        Assert.Equal("weight [Width, Width, Layers] strides (Width, 1, Width * Width)", ProgramText.Text(whole.Transpose([1, 2, 0])));
        Assert.Equal("x + Width [B - 1, 2, Width] strides (Width, 0, 1)",
            ProgramText.Text(new View(X, Width, new(B - 1, 2, Width), new Polynomial[] { Width, 0, 1 })));

        static Polynomial Symbol(string name) => Polynomial.Symbol(name);
    }
}
