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
        EngineInstance Of(SequenceLengths of, EngineInstance? like, EngineInstance? spare, EngineInstance? before) => EngineInstance.Of(
            new DeploymentShape(job.Model, of, job.Precision, job.Accounting, job.Prediction, Phase.Decode, layout, layout.PipelineParallel) { Engine = job.Engine, Arrivals = job.Arrivals },
            clock,
            like,
            spare,
            before);

        EngineInstance pattern = Of(job.Lengths, null, null, null);
        EngineInstance before = pattern;
        EngineInstance? spare = null;
        foreach (PositiveInt length in lengths)
        {
            int factor = length.Get;
            SequenceLengths own = job.Lengths with { Input = job.Lengths.Input * ((factor % 7) + 1) + (factor % 5), Output = (factor % 90) + 1 };
            EngineInstance alone = Of(own, null, null, null);
            EngineInstance shared = Of(own, pattern, spare, before);
            AreSame(alone, shared);

            // Another of the same prompts, which takes the room of the first of them: that must leave these alone.
            SequenceLengths answer = own with { Output = (factor % 13) + 1 };
            EngineInstance other = Of(answer, pattern, null, shared);
            AreSame(Of(answer, null, null, null), other);
            EngineInstance third = Of(own with { Output = own.Output + 1 }, pattern, shared, other);
            AreSame(Of(own with { Output = own.Output + 1 }, null, null, null), third);
            AreSame(Of(answer, null, null, null), other);
            (spare, before) = (third, other);
            if (other.Step.IsLaunchedLike(pattern.Step) && other.Step.TimedBy == pattern.Step.TimedBy)
            {
                Assert.Equal(
                    alone.Step.Launches(new StepLoad(1, 1, own.Input, 0), ClockKind.Roofline).Select(launch => launch.Name),
                    pattern.Step.Launches(new StepLoad(1, 1, job.Lengths.Input, 0), ClockKind.Roofline).Select(launch => launch.Name));
            }
        }

        return true;

        static void AreSame(EngineInstance alone, EngineInstance shared)
        {
            foreach (double clients in (ReadOnlySpan<double>)[1, 2.5, 7, 64])
            {
                LoopFigures expected = alone.Loop.At(clients, alone.Memory.Sequences);
                Assert.Equal(expected, shared.Loop.At(clients, shared.Memory.Sequences));
                for (int part = 0; part < StepParts.Count; part++)
                {
                    Assert.Equal(alone.Loop.DecodeParts(clients)[part], shared.Loop.DecodeParts(clients)[part]);
                }
            }

            // Steps whose launches are walked over one by one, nothing remembered.
            EngineStep walked = new(alone.Step.DecodeTable, alone.Step.PromptTable, alone.Step.Clock);
            foreach (double decoding in (ReadOnlySpan<double>)[1, 2, 3.5, 64])
            {
                double tokens = shared.Step.Shape.Lengths.Input + 2 - decoding;
                Assert.Equal(walked.SharedMicroseconds(decoding, 1, tokens), shared.Step.SharedMicroseconds(decoding, 1, tokens));
                Assert.Equal(walked.DecodeOwnMicroseconds(decoding), shared.Step.DecodeOwnMicroseconds(decoding));
                Assert.Equal(walked.Microseconds(StepLoad.Decode(decoding)), shared.Step.Microseconds(StepLoad.Decode(decoding)));
            }

            // Whole prompts by themselves, as many at a time as curves ask for, and a part of one.
            double whole = alone.Step.PromptTable!.Shape.TokensPerSequence;
            foreach (double prompts in (ReadOnlySpan<double>)[1, 2, 4, 16])
            {
                Assert.Equal(walked.Microseconds(new StepLoad(0, prompts, whole, 0)), shared.Step.Microseconds(new StepLoad(0, prompts, whole, 0)));
            }

            // A part of one, some of which are exact shares of the whole that no power of two makes.
            foreach (double share in (ReadOnlySpan<double>)[0.3, 0.375, 0.625, 0.75])
            {
                double part = Math.Ceiling(share * whole);
                Assert.Equal(walked.SharedMicroseconds(0, 1, part), shared.Step.SharedMicroseconds(0, 1, part));
            }

            Assert.Equal(alone.Memory, shared.Memory);
            StepLoad load = new(1, 1, shared.Step.Shape.Lengths.Input, 0);
            Assert.Equal(alone.Step.Launches(load, ClockKind.Roofline), shared.Step.Launches(load, ClockKind.Roofline));
            Assert.Equal(
                alone.Step.DecodeLaunches.Select(launch => (launch.Operator, launch.Shape, launch.Bound)),
                shared.Step.DecodeLaunches.Select(launch => (launch.Operator, launch.Shape, launch.Bound)));
        }
    }
}
