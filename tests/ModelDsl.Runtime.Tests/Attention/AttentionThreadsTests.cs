using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests;

/// <summary>The same bits for every number of threads, and clear errors.</summary>
public unsafe class AttentionThreadsTests
{
    private static readonly AttentionCase[] s_cases =
    [
        new(2, 300, 300, 4, 2, 64), new(1, 100, 400, 6, 6, 32) { Room = 3 }, new(1, 1, 5000, 4, 1, 64), new(3, 1, 700, 2, 2, 40),
        new(1, 150, 150, 2, 1, 20) { SoftCap = 3, Window = 60 },
    ];

    [Fact]
    public void ThreadsDoNotChangeABit()
    {
        foreach (var c in s_cases)
        {
            int[] one = Bits(c, 1);
            foreach (int threads in new[] { 2, 3, 4 }) Assert.Equal(one, Bits(c, threads));
        }
    }

    [Fact]
    public void WhatCannotBeIsRefused()
    {
        using var device = new CpuDevice(1);
        using var x = new AttentionTensors(new AttentionCase(1, 4, 4, 4, 2, 16), 5);
        var a = x.Arguments;
        a.KeyHeads = 3;
        Assert.Contains("4 query heads cannot share 3", Assert.Throws<ArgumentException>(() => device.Attention(a)).Message);
        a.KeyHeads = 0;
        Assert.Contains("share 0 key heads", Assert.Throws<ArgumentException>(() => device.Attention(a)).Message);
        a = x.Arguments;
        a.QueryStart = 1;
        Assert.Contains("position 4", Assert.Throws<ArgumentException>(() => device.Attention(a)).Message);
        a = x.Arguments;
        a.Scale = -1;
        Assert.Contains("negative", Assert.Throws<ArgumentException>(() => device.Attention(a)).Message);
        a = x.Arguments;
        a.HeadSize = 100_000;
        Assert.Contains("100000", Assert.Throws<ArgumentException>(() => device.Attention(a)).Message);
    }

    [Fact]
    public void NoTokensAreNoWork()
    {
        using var device = new CpuDevice(2);
        foreach (var c in new AttentionCase[] { new(0, 1, 5, 2, 2, 16), new(0, 4, 5, 2, 2, 16), new(1, 0, 5, 2, 1, 16) })
        {
            using var x = new AttentionTensors(c, 6);
            Step(device, x);
            for (int i = 0; i < c.B * c.Tk * x.KeyStride; i++) Assert.Equal(0, x.Gradients.Key[i]); // no query, no gradient
        }
    }

    private static int[] Bits(AttentionCase c, int threads)
    {
        using var device = new CpuDevice(threads);
        using var x = new AttentionTensors(c, 4);
        Step(device, x);
        return x.Bits();
    }

    private static void Step(CpuDevice device, AttentionTensors x)
    {
        device.Attention(x.Arguments);
        device.AttentionBackward(x.Arguments, x.Gradients);
    }
}
