using ModelDsl.Gpu.Proof;

namespace ModelDsl.Gpu.Tests;

/// <summary>A task that does not end is reported once, by name.</summary>
public sealed class WatchdogTests
{
    [Fact]
    public void ATaskWithoutASignOfLifeIsNamed()
    {
        using var told = new ManualResetEventSlim();
        string? hung = null;
        using var watchdog = new Watchdog(TimeSpan.FromMilliseconds(1), task =>
        {
            hung = task;
            told.Set();
        });
        watchdog.Watch("check that hangs");
        Assert.True(told.Wait(TimeSpan.FromSeconds(60)));
        Assert.Equal("check that hangs", hung);
    }

    [Fact]
    public void NothingIsToldOfATaskThatHasEnded()
    {
        int told = 0;
        using (var watchdog = new Watchdog(TimeSpan.FromDays(1), _ => told++))
        {
            watchdog.Watch("check that ends");
            watchdog.Feed();
        }
        Assert.Equal(0, told);
    }
}
