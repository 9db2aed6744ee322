using System.Diagnostics.Metrics;
using ModelDsl.Runtime.Cpu;
using ModelDsl.Runtime.Tests.Training;

namespace ModelDsl.Runtime.Tests.Observability;

public class TrainingMeterTests
{
    [Fact]
    public void AListenerHearsEveryStep()
    {
        // Other tests may train at the same time; only what is measured on this thread counts.
        int thread = Environment.CurrentManagedThreadId;
        var heard = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "ModelDsl")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Hear(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Hear(instrument, value));
        listener.Start();
        using var device = new CpuDevice(1);
        using var data = TrainerTests.Chain(2000);
        using var trainer = new Trainer(new BigramProgram(11), device, new() { Batch = 2, Length = 8 });
        trainer.Fit(data, new() { Steps = 3 });
        Assert.Equal(3, heard["modeldsl.training.steps"]);
        Assert.Equal(48, heard["modeldsl.training.tokens"]);
        Assert.Contains("modeldsl.training.validation_loss", heard.Keys);
        Assert.True(heard["modeldsl.training.loss"] > 0);

        void Hear(Instrument instrument, double value)
        {
            if (Environment.CurrentManagedThreadId == thread)
                heard[instrument.Name] = heard.GetValueOrDefault(instrument.Name) + value;
        }
    }
}
