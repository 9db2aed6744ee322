using ModelDsl.Gpu.OpenCl;

namespace ModelDsl.Gpu.Tests.OpenCl;

/// <summary>Errors in a source or a launch name their location, if possible before the driver is called.</summary>
public sealed class OpenClFaultTests
{
    private static readonly KernelSource Source = new("scale.c", """
        KERNEL(scale)(GLOBAL float* x, float factor, int n)
        {
            if (ELEMENT < n)
                x[ELEMENT] *= factor;
        }
        KERNEL(other)(GLOBAL float* x) { x[0] = 1.0f; }
        """);

    [OpenClFact]
    public void AnErrorOfTheCompilerHasTheSourcesLine()
    {
        using OpenClDevice device = OpenClDevice.Open();
        var source = new KernelSource("user.c", "// a kernel\nKERNEL(bad)(GLOBAL float* x)\n{\n    x[0] = missing + FACTOR;\n}\n", ("FACTOR", "2"));
        KernelCompilationException error = Assert.Throws<KernelCompilationException>(() => device.Compile(source));
        Assert.StartsWith($"user.c -DFACTOR=2 does not compile on {device}:\nuser.c(4): ", error.Message);
        Assert.Contains("missing", error.Message);
        Assert.EndsWith("\n    x[0] = missing + FACTOR;", error.Message);
        Assert.Contains("missing", error.Log);
    }

    [OpenClFact]
    public void AKernelThatIsNotThereIsRefusedWithThoseThatAre()
    {
        using OpenClDevice device = OpenClDevice.Open();
        GpuModule module = device.Compile(Source);
        Assert.StartsWith("scale.c has no kernel scales; it has scale, other.", Assert.Throws<ArgumentException>(() => module["scales"]).Message);
    }

    [OpenClFact]
    public void WrongArgumentsAreNamed()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory x = device.Allocate(400);
        GpuKernel scale = device.Compile(Source)["scale"];
        Assert.Contains("takes 3 arguments; 2 were given", Assert.Throws<ArgumentException>(() => scale.Launch(device.DefaultStream, new(1, 64), x, 2f)).Message);
        Assert.Contains("Argument 2 of kernel scale(", Assert.Throws<ArgumentException>(() => scale.Launch(device.DefaultStream, new(1, 64), x, 2, 100)).Message);
    }

    [OpenClFact]
    public void WrongGridsAreNamed()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory x = device.Allocate(400);
        GpuKernel scale = device.Compile(Source)["scale"];
        int most = scale.Resources.MaxGroupSize;
        Assert.Contains($"a group of {most + 1} threads; {device} takes at most {most}", Refusal(new(1, most + 1)));
        Assert.Contains("0 x 1 x 1 groups of 64 x 1 x 1 is empty", Refusal(new(0, 64)));
        Assert.Contains("is empty", Refusal(new(1, 64, SizeZ: -1)));
        Assert.Contains("declare a SHARED array", Refusal(new(1, 64, LocalBytes: 1024)));

        string Refusal(KernelGrid grid) => Assert.Throws<ArgumentException>(() => scale.Launch(device.DefaultStream, grid, x, 2f, 100)).Message;
    }

    [OpenClFact]
    public void MoreOnChipMemoryThanThereIsIsAnErrorThatSaysSo()
    {
        using OpenClDevice device = OpenClDevice.Open();
        var source = new KernelSource("wide.c", """
            KERNEL(wide)(GLOBAL float* x, int n)
            {
                SHARED float block[FLOATS];
                for (int i = LOCAL_ID(0); i < FLOATS; i += GROUP_SIZE(0))
                    block[i] = x[i % n];
                BARRIER();
                x[LOCAL_ID(0)] = block[(LOCAL_ID(0) * 7919) % FLOATS];
            }
            """, ("FLOATS", $"{device.MaxLocalMemory / 4 + 1024}"));
        GpuException error = Assert.ThrowsAny<GpuException>(() => device.Compile(source)["wide"]);
        Assert.Contains("wide", error.Message);
        Assert.Contains($"gives a group {device.MaxLocalMemory:N0}", error.Message);
    }

    [OpenClFact]
    public void WhatIsOfAnotherDeviceIsRefused()
    {
        using OpenClDevice device = OpenClDevice.Open(), other = OpenClDevice.Open();
        using GpuMemory x = device.Allocate(400);
        using GpuEvent mark = other.CreateEvent();
        Assert.Contains("the stream is of", Assert.Throws<ArgumentException>(() => device.Compile(Source)["other"].Launch(other.DefaultStream, new(1, 1), x)).Message);
        Assert.Throws<ArgumentException>(() => device.DefaultStream.Record(mark));
    }

    [OpenClFact]
    public void SourcesForCudaAreRefused()
    {
        using OpenClDevice device = OpenClDevice.Open();
        Assert.StartsWith("attention.cu is CUDA C++; opencl:0", Assert.Throws<GpuException>(() => device.Compile(new KernelSource("attention.cu", ""))).Message);
    }

    [OpenClFact]
    public void ProductsThatTheDialectCannotDoAreRefused()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory x = device.Allocate(4096);
        var right = new MatMulArguments
        {
            M = 16, N = 16, K = 16,
            A = new(x, Runtime.TensorType.F32, 16), B = new(x, Runtime.TensorType.F32, 16), D = new(x, Runtime.TensorType.F32, 16),
        };
        Assert.Contains("A of a matrix product is F8E4M3", Refusal<NotSupportedException>(right with { A = right.A with { Type = Runtime.TensorType.F8E4M3 } }));
        Assert.Contains("B has rows of 16 elements, 15 from one to the next", Refusal<ArgumentException>(right with { B = right.B with { Stride = 15 } }));
        Assert.Contains("The epilogue needs Bias: [16, 16] F32 x [16, 16] F32 -> F32, GeluBias", Refusal<ArgumentException>(right with { Epilogue = MatMulEpilogue.GeluBias }));
        Assert.Contains("needs Auxiliary", Refusal<ArgumentException>(right with { Epilogue = MatMulEpilogue.GeluGradient }));
        Assert.Contains("A transposed", Refusal<ArgumentException>(right with { Epilogue = MatMulEpilogue.BiasGradientOfA, Bias = x }));
        Assert.Contains("D of a matrix product cannot be transposed", Refusal<ArgumentException>(right with { D = right.D with { Transposed = true } }));
        Assert.Contains("Scales are for fp8", Refusal<ArgumentException>(right with { ScaleA = x }));
        Assert.Contains("negative size", Refusal<ArgumentException>(right with { K = -1 }));

        string Refusal<T>(MatMulArguments arguments) where T : Exception => Assert.Throws<T>(() => device.MatMul(device.DefaultStream, arguments)).Message;
    }
}
