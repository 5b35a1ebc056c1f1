using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Instances that differ in the lengths of their requests share what does not go by these, and tables: to the bit what each is by itself.</summary>
[Laws(Arbitrary = [typeof(RandomServing)])]
public sealed class InstancesAlikeLaws
{
    [Law(MaxTest = 300)]
    public bool Made_of_each_other_they_are_what_they_are_by_themselves(Job job, int choice, PositiveInt[] lengths) => IsAlike(job, choice, lengths);

    [Law(MaxTest = 100)]
    public Property So_they_are_under_tables(int choice, PositiveInt[] lengths) =>
        Prop.ForAll(Arb.From(RandomServing.JobsWithTables), job => IsAlike(job, choice, lengths));

    private static bool IsAlike(Job job, int choice, PositiveInt[] lengths)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        ChipRates rates = new(job.DecodeChip, job.Types, job.Accounting, Phase.Decode);
        EngineClock clock = new(rates, job.Engine!, job.Timing, job.DecodeChip.Efficiency is { } model ? new LearnedTimes(model) : null);
        EngineInstance Of(SequenceLengths of, EngineInstance? like, EngineInstance? spare) => EngineInstance.Of(
            new DeploymentShape(job.Model, of, job.Precision, job.Accounting, job.Prediction, Phase.Decode, layout, layout.PipelineParallel) { Engine = job.Engine, Arrivals = job.Arrivals },
            clock,
            like,
            spare);

        EngineInstance pattern = Of(job.Lengths, null, null);
        EngineInstance? spare = null;
        foreach (PositiveInt length in lengths)
        {
            int factor = length.Get;
            SequenceLengths own = job.Lengths with { Input = job.Lengths.Input * ((factor % 7) + 1) + (factor % 5), Output = (factor % 90) + 1 };
            EngineInstance alone = Of(own, null, null);
            EngineInstance shared = Of(own, pattern, spare);
            foreach (double clients in (ReadOnlySpan<double>)[1, 2.5, 7, 64])
            {
                LoopFigures expected = alone.Loop.At(clients, alone.Memory.Sequences);
                Assert.Equal(expected, shared.Loop.At(clients, shared.Memory.Sequences));
                for (int part = 0; part < StepParts.Count; part++)
                {
                    Assert.Equal(alone.Loop.DecodeParts(clients)[part], shared.Loop.DecodeParts(clients)[part]);
                }
            }

            Assert.Equal(alone.Memory, shared.Memory);
            StepLoad load = new(1, 1, own.Input, 0);
            PricedLaunch[] untimed = [.. alone.Step.Launches(load, ClockKind.Roofline)];
            Assert.Equal(untimed, shared.Step.Launches(load, ClockKind.Roofline));
            if (shared.Step.IsTimedLike(pattern.Step))
            {
                Assert.Equal(
                    untimed.Select(launch => launch.Name),
                    pattern.Step.Launches(new StepLoad(1, 1, job.Lengths.Input, 0), ClockKind.Roofline).Select(launch => launch.Name));
            }

            spare = shared;
        }

        return true;
    }
}
