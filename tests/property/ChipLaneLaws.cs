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
using FastSim.Search.Plans;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Lanes need not be batches of one chip: each may be a chip of its own at a batch of its own. Each width finds the bits that one lane finds, and the reference's time to some rounding errors.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)], MaxTest = 300)]
public sealed class ChipLaneLaws
{
    private const double Bound = 4e-15;
    private const int MostLanes = 70;
    private const int MostDraws = 200;
    private const int Few = 5;

    /// <summary>More than two chunks, of which each reaches steps of its own.</summary>
    private const int ManyLanes = 600;

    [Law]
    public bool A_lane_may_be_a_chip(Job job, int choice, PositiveInt count) => Agrees(job, choice, (count.Get % MostLanes) + 1);

    [Law]
    public Property So_it_may_under_tables(int choice, PositiveInt count) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithTables), job => Agrees(job, choice, (count.Get % MostLanes) + 1));

    [Law]
    public Property And_under_tables_that_fall_with_size_or_go_by_shape(int choice, PositiveInt count) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithOddTables), job => Agrees(job, choice, (count.Get % MostLanes) + 1));

    /// <summary>Chips and batches of one.</summary>
    [Law(MaxTest = 60)]
    public Property And_where_chunks_reach_one_step_after_another(int choice, PositiveInt count, bool isOneChip) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithStaircases), job => Agrees(job, choice, ManyLanes - (count.Get % MostLanes), isOneChip));

    /// <summary>A part's exchanges take of its compute what each says, and no more than the one that takes most takes a second.</summary>
    [Law]
    public bool Exchanges_of_one_part_may_slow_it_down_differently(Job drawn, PositiveInt count, bool isSlow, bool innerTakesMost)
    {
        Job job = OfTwoUsages(drawn, isSlow, innerTakesMost);
        return Layouts(job).Where(layout => SlowDownDifferently(job, layout)).Take(2).All(layout =>
            Agrees(job, layout, (count.Get % MostLanes) + 1) && Agrees(job, layout, (count.Get % MostLanes) + 1, isOneChip: true));
    }

    /// <summary>Jobs of which the law above says something are among those drawn.</summary>
    [Fact]
    public void Some_jobs_have_such_a_part() => Assert.Contains(
        Enumerable.Range(0, MostDraws).SelectMany(_ => RandomJobs.Jobs().Generator.Sample(10)).Select(job => OfTwoUsages(job, isSlow: false, innerTakesMost: false)),
        job => Layouts(job).Any(layout => SlowDownDifferently(job, layout)));

    /// <summary>The same where each goes over one link of one efficiency, which ends a stage in one pass. Such layouts are too few among those drawn for a law to meet them: they are looked for.</summary>
    [Fact]
    public void So_they_may_over_one_link_each()
    {
        (Job Job, ParallelLayout Layout)[] found =
        [
            .. Enumerable.Range(0, MostDraws).SelectMany(_ => RandomJobs.Jobs().Generator.Sample(10)).SelectMany(job =>
                Layouts(job).Where(layout => SlowDownDifferently(Of(job, isSlow: false, innerTakesMost: false), layout) && GoOverOneLink(job, layout))
                    .Take(1).Select(layout => (job, layout))).Take(Few),
        ];
        Assert.NotEmpty(found);
        Assert.All(found, each => Assert.All([false, true], isSlow => Assert.All([false, true], innerTakesMost =>
            Assert.True(Agrees(Of(each.Job, isSlow, innerTakesMost), each.Layout, MostLanes)))));

        static Job Of(Job job, bool isSlow, bool innerTakesMost) => OfOneEfficiency(OfTwoUsages(job, isSlow, innerTakesMost));
    }

    /// <summary>Exchanges may take longer than the work that they hide behind, over all batches, and a send may go over a link whose efficiency depends on its size.</summary>
    [Law]
    public bool A_send_may_go_by_its_size_where_exchanges_outlast_work(Job drawn, PositiveInt count)
    {
        Job job = OfOneEfficiency(OfTwoUsages(drawn, isSlow: true, innerTakesMost: true));
        job = job with
        {
            DecodeChip = job.DecodeChip with
            {
                Networks =
                [
                    .. job.DecodeChip.Networks.Select((tier, index) => tier with
                    {
                        ProcessorUsage = 0,
                        SizeEfficiency = index == 0 ? tier.SizeEfficiency : EfficiencyTable.BySize([0.001, double.NegativeInfinity], [0.9, 0.6]),
                    }),
                ],
            },
        };
        return Layouts(job).Where(layout => layout.PipelineParallel > 1).All(layout => Agrees(job, layout, (count.Get % MostLanes) + 1, isOneChip: true));
    }

    /// <summary>What is kept from chunk to chunk holds for the stage, the rates and the order of batches at hand alone.</summary>
    [Law(MaxTest = 60)]
    public Property What_lanes_held_before_changes_no_bits(int choice, int otherChoice, PositiveInt count, bool isOneChip) =>
        Prop.ForAll(Arb.From(Gen.OneOf(RandomJobs.Jobs().Generator, RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases)), job =>
            RandomPlans.Layout(job, choice) is not { } layout || RandomPlans.Layout(job, otherChoice) is not { } other
            || IsFree(RandomPlans.Decode(job, layout), RandomPlans.Decode(job, other), new ChipRates(Variant(job, 1), job.Types, job.Accounting, Phase.Decode), ManyLanes - (count.Get % MostLanes), isOneChip));

    private static bool IsFree(DecodePlan plan, DecodePlan other, ChipRates rates, int lanes, bool isOneChip)
    {
        if (!plan.IsReachable || !other.IsReachable)
        {
            return true;
        }

        const int Stride = 331;
        Func<int, double>[] orders = [lane => lane + 1, lane => lanes - lane, lane => (lane * Stride % lanes) + 1, lane => (9 * lane) + 1, lane => (lane / 300) + 1];
        StageProgram program = new();
        DecodePlan? loaded = null;
        LaneBlock block = new(lanes, rates.Chip.Networks.Count);
        return LaneWidths.All.All(width => orders.All(order =>
            IsSame(other, rates, order, width) && IsSame(plan, rates, order, width) && IsSame(plan, plan.Rates, order, width)));

        bool IsSame(DecodePlan stage, ChipRates chip, Func<int, double> order, LaneWidth width)
        {
            StageProgram fresh = new();
            fresh.Load(stage.Table, stage.Rates);
            if (loaded != stage)
            {
                program.Load(stage.Table, stage.Rates);
                loaded = stage;
            }

            LaneBlock anew = new(lanes, rates.Chip.Networks.Count);
            Evaluate(fresh, anew, chip, order, width);
            Evaluate(program, block, chip, order, width);
            return block.StageSeconds[..lanes].SequenceEqual(anew.StageSeconds[..lanes]) && block.StepSeconds[..lanes].SequenceEqual(anew.StepSeconds[..lanes]);
        }

        void Evaluate(StageProgram on, LaneBlock into, ChipRates chip, Func<int, double> order, LaneWidth width)
        {
            if (isOneChip)
            {
                into.SetChip(chip);
            }
            else
            {
                into.SetChip(chip, 0, lanes);
            }

            for (int lane = 0; lane < lanes; lane++)
            {
                into.Sequences[lane] = order(lane);
            }

            RooflineKernel.Evaluate(on, into, lanes, width);
        }
    }

    /// <summary>Exchanges hide in half, and each tier takes another share of compute meanwhile; over slow links they would take more than there is.</summary>
    private static Job OfTwoUsages(Job job, bool isSlow, bool innerTakesMost) => job with
    {
        DecodeChip = job.DecodeChip with
        {
            CommunicationOverlap = 0.5,
            Networks =
            [
                .. job.DecodeChip.Networks.Select((tier, index) => tier with
                {
                    Algorithms = CollectiveAlgorithms.None,
                    ProcessorUsage = index == 0 == innerTakesMost ? 0.5 : 0.06,
                    GigabytesPerSecond = tier.GigabytesPerSecond * (isSlow ? 1e-4 : 1),
                }),
            ],
        },
    };

    /// <summary>Every link takes messages of any size alike.</summary>
    private static Job OfOneEfficiency(Job job) => job with
    {
        DecodeChip = job.DecodeChip with { Networks = [.. job.DecodeChip.Networks.Select(tier => tier with { SizeEfficiency = EfficiencyTable.Flat(1) })] },
    };

    private static bool GoOverOneLink(Job job, ParallelLayout layout)
    {
        DecodePlan plan = RandomPlans.Decode(job, layout);
        ExchangeLeg[] legs = new ExchangeLeg[job.DecodeChip.Networks.Count];
        return Enumerable.Range(0, plan.Table.Count)
            .Where(op => plan.Table.Exchanges[op].Group != ExchangeGroup.None)
            .All(op => ExchangeCost.Legs(plan.Table.Exchanges[op], plan.Rates, legs) == 1);
    }

    private static IEnumerable<ParallelLayout> Layouts(Job job) => new PlanSpace(job.Model, job.Cards, PlanRestriction.None, ExpertPlacement.Of(job, Phase.Decode)).Divisible();

    /// <summary>Whether two exchanges of one part take other shares of compute.</summary>
    private static bool SlowDownDifferently(Job job, ParallelLayout layout)
    {
        DecodePlan plan = RandomPlans.Decode(job, layout);
        if (!plan.IsReachable)
        {
            return false;
        }

        ExchangeLeg[] legs = new ExchangeLeg[job.DecodeChip.Networks.Count];
        return Enumerable.Range(0, plan.Table.Count)
            .Where(op => plan.Table.Exchanges[op].Group != ExchangeGroup.None)
            .GroupBy(op => plan.Table.Identities[op].Part)
            .Any(part => part.Select(op => legs.Take(ExchangeCost.Legs(plan.Table.Exchanges[op], plan.Rates, legs))
                .Max(leg => job.DecodeChip.Networks[leg.Tier].ProcessorUsage)).Distinct().Count() > 1);
    }

    private static bool Agrees(Job job, int choice, int lanes, bool isOneChip = false) =>
        RandomPlans.Layout(job, choice) is not { } layout || Agrees(job, layout, lanes, isOneChip);

    private static bool Agrees(Job job, ParallelLayout layout, int lanes, bool isOneChip = false)
    {
        DecodePlan plan = RandomPlans.Decode(job, layout);
        if (!plan.IsReachable)
        {
            return true;
        }

        StageProgram program = new();
        program.Load(plan.Table, plan.Rates);
        LaneBlock block = new(lanes, job.DecodeChip.Networks.Count);
        StageTime[] expected = new StageTime[lanes];
        if (isOneChip)
        {
            block.SetChip(plan.Rates);
        }

        for (int lane = 0; lane < lanes; lane++)
        {
            ChipRates own = isOneChip ? plan.Rates : new ChipRates(Variant(job, lane), job.Types, job.Accounting, Phase.Decode);
            block.Sequences[lane] = (3 * lane) + 1;
            if (!isOneChip)
            {
                block.SetChip(own, lane, 1);
            }

            expected[lane] = StageTime.Of(plan.Table, own, block.Sequences[lane]);
        }

        RooflineKernel.Evaluate(program, block, lanes, LaneWidth.Scalar);
        double[] stages = [.. block.StageSeconds[..lanes]];
        double[] steps = [.. block.StepSeconds[..lanes]];
        return LaneWidths.All.All(width =>
        {
            RooflineKernel.Evaluate(program, block, lanes, width);
            return block.StageSeconds[..lanes].SequenceEqual(stages) && block.StepSeconds[..lanes].SequenceEqual(steps) && Enumerable.Range(0, lanes).All(lane =>
                IsNear(block.StageSeconds[lane], expected[lane].StageSeconds) && IsNear(block.StepSeconds[lane], expected[lane].StepSeconds));
        });
    }

    private static Chip Variant(Job job, int lane) => job.DecodeChip with
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

    private static bool IsNear(double found, double expected) => Math.Abs(found - expected) <= Bound * expected;
}
