using ModelDsl.Gpu.Cuda;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>Refused products, cache keys, and the real library as far as it works without a GPU.</summary>
public sealed class BlasLtTests
{
    private static readonly GpuPointer s_somewhere = new(0x10000);

    public static TheoryData<string, MatMulArguments> Refused
    {
        get
        {
            var good = Product(TensorType.BF16, TensorType.BF16);
            var fp8 = Product(TensorType.F8E4M3, TensorType.BF16) with { B = new(s_somewhere, TensorType.F8E4M3, 32, Transposed: true) };
            return new()
            {
                { "K is at least 1", good with { K = 0 } },
                { "A is null", good with { A = good.A with { Data = default } } },
                { "stride of B is 47, less than the 48", good with { B = good.B with { Stride = 47 } } },
                { "D cannot be transposed", good with { D = good.D with { Transposed = true } } },
                { "the types are", good with { B = good.B with { Type = TensorType.F16 } } },
                { "the types are", Product(TensorType.F32, TensorType.BF16) },
                { "Bias needs Bias", good with { Epilogue = MatMulEpilogue.Bias } },
                { "needs A stored transposed", good with { Epilogue = MatMulEpilogue.BiasGradientOfA, Bias = s_somewhere } },
                { "needs Auxiliary", good with { Epilogue = MatMulEpilogue.GeluGradient } },
                { "AuxiliaryStride is 50", good with { Epilogue = MatMulEpilogue.GeluGradient, Auxiliary = s_somewhere, AuxiliaryStride = 50 } },
                { "B transposed", Product(TensorType.F8E4M3, TensorType.BF16) },
                { "must be F8E4M3", fp8 with { A = fp8.A with { Type = TensorType.F8E5M2 }, B = fp8.B with { Type = TensorType.F8E5M2 } } },
                { "multiples of 16", fp8 with { N = 40 } },
                { "16 bytes", fp8 with { A = fp8.A with { Data = s_somewhere + 8 } } },
                { "there is no GeluGradient", fp8 with { Epilogue = MatMulEpilogue.GeluGradient, Auxiliary = s_somewhere, AuxiliaryStride = 48 } },
                { "takes no bias", fp8 with { D = fp8.D with { Type = TensorType.F32 }, Epilogue = MatMulEpilogue.Bias, Bias = s_somewhere } },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void WhatTheLibraryDoesNotHaveIsRefusedInWords(string reason, MatMulArguments arguments)
    {
        string message = Assert.Throws<ArgumentException>(() => BlasLtRules.Check(arguments, 90)).Message;
        Assert.StartsWith(arguments.Shape, message);
        Assert.Contains(reason, message);
    }

    [Theory]
    [InlineData(TensorType.BF16, 75, "compute capability 8.0; this device has 7.5")]
    [InlineData(TensorType.F8E4M3, 80, "compute capability 8.9; this device has 8.0")]
    public void WhatADeviceIsTooOldForIsSaid(TensorType type, int capability, string reason)
    {
        var arguments = Product(type, TensorType.BF16) with { B = new(s_somewhere, type, 32, Transposed: true) };
        Assert.Contains(reason, Assert.Throws<GpuException>(() => BlasLtRules.Check(arguments, capability)).Message);
    }

    [Fact]
    public void AlgorithmsAreChosenApartForEverythingThatTheyDependOn()
    {
        var first = Product(TensorType.BF16, TensorType.BF16);
        MatMulArguments[] others =
        [
            first with { M = 65 }, first with { N = 40 }, first with { K = 16 }, first with { A = first.A with { Stride = 40 } },
            first with { B = first.B with { Transposed = true } }, first with { D = first.D with { Type = TensorType.F32 } },
            first with { Epilogue = MatMulEpilogue.Gelu }, first with { A = first.A with { Data = s_somewhere + 16 } },
            first with { Bias = s_somewhere + 2 }, first with { Auxiliary = s_somewhere + 4 }, first with { AuxiliaryStride = 64 }, first with { AllowTf32 = true },
        ];
        Assert.Equal(others.Length + 1, others.Append(first).Select(product => BlasLtKey.Of(product)).Distinct().Count());
        Assert.Equal(BlasLtKey.Of(first), BlasLtKey.Of(first with { A = first.A with { Data = s_somewhere + 512 }, Alpha = 2, Beta = 1 }));
    }

    [Theory]
    [InlineData(0x10000, 256)]
    [InlineData(0x10010, 16)]
    [InlineData(0x10002, 2)]
    public void AlignmentIsThatOfTheAddress(int address, int bytes) => Assert.Equal((uint)bytes, BlasLtKey.Alignment(new((nuint)address)));

    [LibraryFact(TestLibraries.CublasLt)]
    public unsafe void TheRealLibraryTakesEveryDescriptionAndRefusesAHandleWithoutADevice()
    {
        var library = TestLibraries.Only(TestLibraries.CublasLt).BlasLt;
        Assert.InRange(library.Version, 11_11_00, 14_00_00);
        foreach (MatMulEpilogue epilogue in Enum.GetValues<MatMulEpilogue>())
        {
            var arguments = Product(TensorType.BF16, TensorType.BF16) with { Epilogue = epilogue, Bias = s_somewhere, Auxiliary = s_somewhere, AuxiliaryStride = 48 };
            new BlasLtPlan(library, new HostDevice(), arguments).Dispose();
        }
        new BlasLtPlan(library, new HostDevice(), Product(TensorType.F8E4M3, TensorType.BF16)).Dispose();
        nint handle;
        if (library.Create(&handle) == 0)
            library.Destroy(handle); // there is a GPU
        else
            Assert.StartsWith("cublasLtCreate on host:0: CUBLAS_STATUS_", Assert.Throws<GpuException>(() => new BlasLtMatMul(library, new HostDevice())).Message);
    }

    private static MatMulArguments Product(TensorType type, TensorType result) => new()
    {
        M = 64, N = 48, K = 32, A = new(s_somewhere, type, 32), B = new(s_somewhere, type, 48), D = new(s_somewhere, result, 48),
    };
}
