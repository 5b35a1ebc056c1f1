using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Search.Jobs;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace FastSim.Laws.Tests;

/// <summary>Every lane of the kernel, at every width and in tails of any length, against one lane and against the reference.</summary>
[Properties(Arbitrary = [typeof(RandomJobs)], MaxTest = 300)]
public sealed class KernelLaws
{
    /// <summary>Stated bound of the difference to the reference: some thirty terms, each rounded a few times.</summary>
    private const double Bound = 4e-15;

    [Property]
    public bool Lanes_agree_with_the_reference_and_with_each_other(Job job, int choice, PositiveInt count, PositiveInt step) =>
        Agrees(job, choice, count.Get, step.Get);

    [Property]
    public Property So_they_do_under_tables(int choice, PositiveInt count, PositiveInt step) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithTables), job => Agrees(job, choice, count.Get, step.Get));

    [Property]
    public Property And_under_tables_that_fall_with_size_or_go_by_shape(int choice, PositiveInt count, PositiveInt step) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithOddTables), job => Agrees(job, choice, count.Get, step.Get));

    /// <summary>Lanes need not be batches of one chip: here each is a chip of its own at a batch of its own.</summary>
    [Property]
    public bool A_lane_may_be_a_chip(Job job, int choice, PositiveInt count)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout || !RandomPlans.Decode(job, layout).IsReachable)
        {
            return true;
        }

        DecodePlan plan = RandomPlans.Decode(job, layout);
        int lanes = count.Get % 40 + 1;
        StageProgram program = new();
        program.Load(plan.Table, plan.Rates);
        LaneBlock block = new(lanes, job.DecodeChip.Networks.Count);
        StageTime[] expected = new StageTime[lanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            Job variant = job with { DecodeChip = Variant(job, lane) };
            DecodePlan own = RandomPlans.Decode(variant, layout);
            block.Sequences[lane] = (3 * lane) + 1;
            block.SetChip(own.Rates, lane, 1);
            expected[lane] = StageTime.Of(own.Table, own.Rates, block.Sequences[lane]);
        }

        return LaneWidths.All.All(width =>
        {
            RooflineKernel.Evaluate(program, block, lanes, width);
            return Enumerable.Range(0, lanes).All(lane =>
                IsNear(block.StageSeconds[lane], expected[lane].StageSeconds) && IsNear(block.StepSeconds[lane], expected[lane].StepSeconds));
        });
    }

    private static Kernels.Hardware.Chip Variant(Job job, int lane) => job.DecodeChip with
    {
        Matrix = job.DecodeChip.Matrix.ToDictionary(
            unit => unit.Key, unit => unit.Value with { Teraflops = unit.Value.Teraflops * (1 + (lane % 7)) }),
        Memory = job.DecodeChip.Memory with { GigabytesPerSecond = job.DecodeChip.Memory.GigabytesPerSecond * (1 + (lane % 5)) },
        Networks =
        [
            .. job.DecodeChip.Networks.Select(tier => tier with
            {
                GigabytesPerSecond = tier.GigabytesPerSecond * (1 + (lane % 3)),
                LatencySeconds = tier.LatencySeconds * (1 + (lane % 2)),
            }),
        ],
    };

    private static bool Agrees(Job job, int choice, int count, int step)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        FusionPlan plan = RandomPlans.Fusion(job, layout);
        if (!plan.IsReachable)
        {
            return true;
        }

        int lanes = (count % 70) + 1;
        PlanLanes one = Lanes(plan, lanes, step, LaneWidth.Scalar);
        return LaneWidths.All.All(width =>
        {
            PlanLanes found = Lanes(plan, lanes, step, width);
            for (int lane = 0; lane < lanes; lane++)
            {
                PlanFigures expected = plan.At(found.Sequences[lane]);
                if (found.PerTokenSeconds[lane] != one.PerTokenSeconds[lane]
                    || found.FirstTokenSeconds[lane] != one.FirstTokenSeconds[lane]
                    || !IsNear(found.PerTokenSeconds[lane], expected.PerTokenSeconds)
                    || !IsNear(found.FirstTokenSeconds[lane], expected.FirstTokenSeconds))
                {
                    return false;
                }
            }

            return true;
        });
    }

    private static PlanLanes Lanes(FusionPlan plan, int count, int step, LaneWidth width)
    {
        PlanLanes lanes = new(count, width);
        plan.Load(lanes);
        for (int lane = 0; lane < count; lane++)
        {
            lanes.Sequences[lane] = 1 + ((double)lane * step);
        }

        lanes.Evaluate(count);
        return lanes;
    }

    private static bool IsNear(double found, double expected) => Math.Abs(found - expected) <= Bound * expected;
}
