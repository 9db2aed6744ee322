namespace ModelDsl.Runtime.Tests.Training;

public class LearningRateScheduleTests
{
    public static TheoryData<LearningRateSchedule, long, double> Values => new()
    {
        { new ConstantSchedule(2), 0, 2 },
        { new ConstantSchedule(2, WarmupSteps: 4), 0, 0.5 },
        { new ConstantSchedule(2, WarmupSteps: 4), 3, 2 },
        { new ConstantSchedule(2, WarmupSteps: 4), 1_000_000, 2 },
        { new CosineSchedule(1, Steps: 110, WarmupSteps: 10, Floor: 0.1), 10, 1 },
        { new CosineSchedule(1, Steps: 110, WarmupSteps: 10, Floor: 0.1), 60, 0.55 },
        { new CosineSchedule(1, Steps: 110, WarmupSteps: 10, Floor: 0.1), 35, 0.1 + 0.9 * (1 + Math.Sqrt(0.5)) / 2 },
        { new CosineSchedule(1, Steps: 110, WarmupSteps: 10, Floor: 0.1), 110, 0.1 },
        { new CosineSchedule(1, Steps: 110, WarmupSteps: 10, Floor: 0.1), 500, 0.1 },
        { new LinearSchedule(1, Steps: 100, Floor: 0.5), 50, 0.75 },
        { new LinearSchedule(1, Steps: 100), 100, 0 },
        { new InverseSquareRootSchedule(2, WarmupSteps: 25), 24, 2 },
        { new InverseSquareRootSchedule(2, WarmupSteps: 25), 99, 1 },
        { new InverseSquareRootSchedule(2, WarmupSteps: 0), 3, 1 },
        { new WarmupStableDecaySchedule(1, Steps: 100, WarmupSteps: 10, DecaySteps: 20), 80, 1 },
        { new WarmupStableDecaySchedule(1, Steps: 100, WarmupSteps: 10, DecaySteps: 20), 95, 0.25 },
        { new WarmupStableDecaySchedule(1, Steps: 100, WarmupSteps: 10, DecaySteps: 20), 4, 0.5 },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void HasItsShape(LearningRateSchedule schedule, long step, double expected) =>
        Assert.Equal(expected, schedule.At(step), 1e-12);
}
