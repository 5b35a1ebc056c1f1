using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Every lane of the kernel, at every width and in tails of any length, against one lane and against the reference.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)], MaxTest = 300)]
public sealed class KernelLaws
{
    /// <summary>Stated bound of the difference to the reference: some thirty terms, each rounded a few times.</summary>
    private const double Bound = 4e-15;

    [Law]
    public bool Lanes_agree_with_the_reference_and_with_each_other(Job job, int choice, PositiveInt count, PositiveInt step) =>
        Agrees(job, choice, count.Get, step.Get);

    [Law]
    public Property So_they_do_under_tables(int choice, PositiveInt count, PositiveInt step) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithTables), job => Agrees(job, choice, count.Get, step.Get));

    [Law]
    public Property And_under_tables_that_fall_with_size_or_go_by_shape(int choice, PositiveInt count, PositiveInt step) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithOddTables), job => Agrees(job, choice, count.Get, step.Get));

    /// <summary>A table's threshold on what an operator moves or an exchange sends, and a rounding error to either side of it.</summary>
    [Law(MaxTest = 200)]
    public bool At_a_threshold_lanes_take_the_row_that_the_reference_takes(Job job, int choice, PositiveInt batch, int offset)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout || !RandomPlans.Decode(job, layout).IsReachable)
        {
            return true;
        }

        double sequences = (batch.Get % 500) + 1;
        OperatorTable table = RandomPlans.Decode(job, layout).Table;
        ChipRates rates = new(job.DecodeChip, job.Types, job.Accounting, Phase.Decode);
        ExchangeLeg[] legs = new ExchangeLeg[job.DecodeChip.Networks.Count];
        double unit = job.Accounting == Accounting.Seed ? 1024 * 1024 : 1e6;
        for (int op = 0; op < table.Count; op++)
        {
            Exchange exchange = table.Exchanges[op];
            if (exchange.Group == ExchangeGroup.None)
            {
                EfficiencyTable moved = Threshold(table.Bytes(op, sequences) / unit, offset);
                if (!IsSame(job with { DecodeChip = job.DecodeChip with { Memory = job.DecodeChip.Memory with { Efficiency = moved } } }, layout, sequences))
                {
                    return false;
                }

                continue;
            }

            foreach (ExchangeLeg leg in legs.AsSpan(0, ExchangeCost.Legs(exchange, rates, legs)))
            {
                CollectiveRate collective = job.DecodeChip.Networks[leg.Tier].Collectives[(int)exchange.Collective];
                double wire = collective.WireBytes(exchange.MessageBytes.At(sequences) * leg.MessageShare, exchange.GroupSize);
                NetworkTier[] tiers = [.. job.DecodeChip.Networks];
                tiers[leg.Tier] = tiers[leg.Tier] with { SizeEfficiency = Threshold(wire / unit, offset) };
                if (!IsSame(job with { DecodeChip = job.DecodeChip with { Networks = tiers } }, layout, sequences))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Few of many experts are reached: 1 - e^x of a small x.</summary>
    [Law(MaxTest = 100)]
    public bool Many_experts_cost_no_digits(Job job, int choice, PositiveInt count, PositiveInt step)
    {
        MixtureOfExperts experts = new(96, 1 << 22, 1 + (step.Get % 4), 0, 0, 0, 1, 0);
        return Agrees(
            job with { Accounting = Accounting.Physical, Redundancy = null, Model = job.Model with { Experts = experts, Structure = null } },
            choice,
            count.Get,
            step.Get);
    }

    /// <summary>Every fourth batch is so large that no expert stays unread, e^x of an x below -708: it rounds none of those beside it.</summary>
    [Law(MaxTest = 100)]
    public bool Batches_far_apart_round_none_beside_them(Job drawn, int choice, PositiveInt count)
    {
        MixtureOfExperts experts = new(96, 64, 8, 0, 0, 0, 1, 0);
        Job job = drawn with { Accounting = Accounting.Physical, Redundancy = null, Model = drawn.Model with { Experts = experts, Structure = null } };
        if (RandomPlans.Layout(job, choice) is not { } layout || !RandomPlans.Decode(job, layout).IsReachable)
        {
            return true;
        }

        DecodePlan plan = RandomPlans.Decode(job, layout);
        int lanes = (count.Get % 40) + 8;
        StageProgram program = new();
        program.Load(plan.Table, plan.Rates);
        LaneBlock block = new(lanes, job.DecodeChip.Networks.Count);
        block.SetChip(plan.Rates, 0, lanes);
        for (int lane = 0; lane < lanes; lane++)
        {
            block.Sequences[lane] = lane % 4 == 3 ? 100_000 : lane + 1;
        }

        RooflineKernel.Evaluate(program, block, lanes, LaneWidth.Scalar);
        double[] alone = [.. block.StageSeconds[..lanes]];
        return LaneWidths.All.All(width =>
        {
            RooflineKernel.Evaluate(program, block, lanes, width);
            return block.StageSeconds[..lanes].SequenceEqual(alone);
        });
    }

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

    private static EfficiencyTable Threshold(double megabytes, int offset)
    {
        double threshold = (offset % 3) switch
        {
            0 => megabytes,
            1 => Math.BitIncrement(megabytes),
            _ => Math.BitDecrement(megabytes),
        };
        return EfficiencyTable.BySize([threshold, double.NegativeInfinity], [1, 0.01]);
    }

    private static bool IsSame(Job job, ParallelLayout layout, double sequences)
    {
        DecodePlan plan = RandomPlans.Decode(job, layout);
        PlanLanes lanes = new(8, LaneWidths.Best);
        plan.Load(lanes);
        lanes.Sequences[..8].Fill(sequences);
        lanes.Evaluate(8);
        return IsNear(lanes.PerTokenSeconds[0], plan.At(sequences).PerTokenSeconds);
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
