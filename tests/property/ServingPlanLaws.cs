using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>What searches count on of an instance that an engine runs: it is monotone, and its bounds bound it.</summary>
[Laws(Arbitrary = [typeof(RandomServing)])]
public sealed class ServingPlanLaws
{
    /// <summary>Room for rounding.</summary>
    private const double Rounding = 1e-12;

    [Law(MaxTest = 200)]
    public bool More_clients_are_never_served_faster_nor_yield_less(Job job, int choice) => IsMonotone(job, choice);

    [Law(MaxTest = 100)]
    public Property Nor_under_tables(int choice) => Prop.ForAll(Arb.From(RandomServing.JobsWithTables), job => IsMonotone(job, choice));

    [Law(MaxTest = 200)]
    public bool No_batch_yields_more_within_a_limit_than_a_bound_says(Job job, int choice, PositiveInt share) => IsBounded(job, choice, share.Get);

    [Law(MaxTest = 100)]
    public Property Nor_does_one_under_tables(int choice, PositiveInt share) =>
        Prop.ForAll(Arb.From(RandomServing.JobsWithTables), job => IsBounded(job, choice, share.Get));

    /// <summary>Of short answers to long prompts few clients leave less than one decoding, whose tokens wait for no prompt: a limit that they just meet leaves them.</summary>
    [Law(MaxTest = 200)]
    public bool Nor_where_fewer_than_one_decodes(Job job, int choice, PositiveInt answer) =>
        ForPlans(job with { Lengths = new SequenceLengths(1000, (answer.Get % 6) + 1) }, choice, plan =>
        {
            double[] batches = [1, 2, 3, 4, 6];
            PlanFigures[] figures = [.. batches.Select(batch => plan.At(batch))];
            foreach (PlanFigures edge in figures)
            {
                foreach (double wanted in (double[])[double.PositiveInfinity, 0])
                {
                    double limit = edge.PerTokenSeconds;
                    double most = plan.MostTokensPerRankSecond(batches[^1], limit, wanted) * (1 + Rounding);
                    Assert.All(figures, each => Assert.True(each.PerTokenSeconds > limit || each.TokensPerRankSecond <= most, $"{plan.Role}: {each}, at most {most}"));
                }
            }
        });

    /// <summary>With limits that a batch just meets, a bound of some batch up to it meets them, too.</summary>
    [Law(MaxTest = 200)]
    public bool A_bound_refuses_nothing_that_is_accepted(Job job, int choice, PositiveInt size) => ForPlans(job, choice, plan =>
    {
        double batch = Math.Min(Batches[^1], (size.Get % 300) + 1);
        PlanFigures figures = plan.At(batch);
        LatencyLimits limits = new(
            double.IsNaN(figures.FirstTokenSeconds) ? null : figures.FirstTokenSeconds * 1000 * (1 + Rounding),
            double.IsNaN(figures.PerTokenSeconds) ? null : figures.PerTokenSeconds * 1000 * (1 + Rounding));
        StageBoundFigures bound = new(plan, batch);

        // Of sequences some of which wait fewer than one may decode.
        double looked = plan.CountsWaiting ? 0 : batch;
        Assert.True(limits.Accept(bound.At(looked)), $"{plan.Role} {plan.Table.Shape.Layout} at {batch}: {figures}, bound at {looked} {bound.At(looked)}");
    });

    [Law(MaxTest = 200)]
    public bool No_stage_is_faster_than_its_bound_nor_a_launch_than_its_least(Job job, int choice) => IsNotFaster(job, choice);

    [Law(MaxTest = 100)]
    public Property Nor_are_they_under_tables(int choice) => Prop.ForAll(Arb.From(RandomServing.JobsWithTables), job => IsNotFaster(job, choice));

    [Law(MaxTest = 100)]
    public bool Nor_are_they_with_a_cache_in_rooflines(Job job, int choice, int seed) => IsNotFaster(CacheLaws.Cached(job, seed), choice);

    [Law(MaxTest = 60)]
    public bool More_clients_are_never_served_faster_with_a_cache_in_rooflines(Job job, int choice, int seed) => IsMonotone(CacheLaws.Cached(job, seed), choice);

    /// <summary>Where a pool prefills alone its largest batch holds no more prompts than a step takes, and no more of them are served faster.</summary>
    [Law(MaxTest = 100)]
    public bool Prompts_beyond_a_step_only_wait(Job job, int choice) => ForPlans(job, choice, plan =>
    {
        if (plan.Role != ServingRole.Prefill)
        {
            return;
        }

        double together = Math.Max(1, Math.Floor(plan.Table.Shape.Engine!.ChunkTokens / plan.Table.Shape.TokensPerSequence));
        PlanFigures step = plan.At(together);
        Assert.InRange(plan.LargestBatch(1), 0, together);
        foreach (double batch in Batches.Where(batch => batch > together))
        {
            PlanFigures more = plan.At(batch);
            Assert.Equal(step.TokensPerRankSecond, more.TokensPerRankSecond, step.TokensPerRankSecond * Rounding);
            Assert.True(more.FirstTokenSeconds > step.FirstTokenSeconds, $"{plan.Table.Shape.Layout} at {batch}: {more} after {step} at {together}");
        }
    });

    /// <summary>Who is by itself waits for no prompt between its tokens: an instance that decodes alone is no faster, but for what its host does beside the device.</summary>
    [Law(MaxTest = 200)]
    public bool A_lone_client_waits_for_no_prompt_between_its_tokens(Job job, int choice) => IsNotHeldUp(job, choice);

    [Law(MaxTest = 100)]
    public Property Nor_does_one_wait_under_tables(int choice) => Prop.ForAll(Arb.From(RandomServing.JobsWithTables), job => IsNotHeldUp(job, choice));

    private static bool IsNotHeldUp(Job job, int choice) => ForPlans(job, choice, plan =>
    {
        if (plan.Role != ServingRole.Both)
        {
            return;
        }

        DeploymentShape shape = plan.Table.Shape;
        double lone = 1d / shape.MicroBatches;
        PlanFigures figures = plan.At(lone);
        double decode = RandomServing.Plan(job, ServingRole.Decode, shape.Layout).At(lone).PerTokenSeconds;
        double beside = shape.Engine!.SequenceMicroseconds * 1e-6 / shape.Prediction.TokensPerStep;
        Assert.InRange(figures.PerTokenSeconds, decode * (1 - Rounding), (decode + beside) * (1 + Rounding));
        double cycle = figures.FirstTokenSeconds + (shape.Lengths.Output * figures.PerTokenSeconds);
        Assert.Equal(shape.Lengths.Output / cycle, figures.TokensPerRankSecond, figures.TokensPerRankSecond * Rounding);
    });

    private static bool IsMonotone(Job job, int choice) => ForPlans(job, choice, plan =>
    {
        PlanFigures last = default;
        double before = 0;
        foreach (double batch in Batches)
        {
            PlanFigures figures = plan.At(batch);
            string words = $"{plan.Role} {plan.Table.Shape.Layout}: {figures} at {batch} after {last} at {before}";
            Assert.True(figures.TokensPerRankSecond > 0 && figures.LatencySeconds >= 0 && double.IsFinite(figures.LatencySeconds), words);
            if (before > 0)
            {
                Assert.False(figures.FirstTokenSeconds < last.FirstTokenSeconds * (1 - Rounding), words);
                Assert.False(figures.PerTokenSeconds < last.PerTokenSeconds * (1 - Rounding), words);
                Assert.False(figures.TokensPerRankSecond < last.TokensPerRankSecond * (1 - Rounding), words);
            }

            (last, before) = (figures, batch);
        }
    });

    private static bool IsBounded(Job job, int choice, int share) => ForPlans(job, choice, plan =>
    {
        double[] batches = Batches;
        PlanFigures[] figures = [.. batches.Select(batch => plan.At(batch))];

        // A limit that some batches meet and others do not, or none.
        double limit = share % 4 == 0 ? double.PositiveInfinity : figures[share % figures.Length].PerTokenSeconds * (1 + Rounding);
        for (int upTo = 0; upTo < batches.Length; upTo++)
        {
            foreach (double wanted in (double[])[double.PositiveInfinity, 0])
            {
                double most = plan.MostTokensPerRankSecond(batches[upTo], limit, wanted) * (1 + Rounding);
                for (int one = 0; one <= upTo; one++)
                {
                    Assert.True(
                        figures[one].PerTokenSeconds > limit || figures[one].TokensPerRankSecond <= most,
                        $"{plan.Role} {plan.Table.Shape.Layout}: {figures[one].TokensPerRankSecond} tokens/s at {batches[one]}, limit {limit} s: bound up to {batches[upTo]} {most}, wanted {wanted}");
                }
            }
        }
    });

    private static bool IsNotFaster(Job job, int choice) => ForPlans(job, choice, plan =>
    {
        EngineStep step = RandomServing.Step(plan);
        foreach (double batch in Batches)
        {
            double stage = plan.Role == ServingRole.Prefill
                ? plan.At(batch).PassSeconds * 1e6
                : step.SharedMicroseconds(batch, 0, 0) + step.DecodeOwnMicroseconds(batch);
            foreach (double near in new[] { 1, batch, 4 * batch })
            {
                double bound = plan.Bound(near).StageSeconds(batch) * 1e6;
                Assert.True(bound <= stage * (1 + Rounding), $"{plan.Role} {plan.Table.Shape.Layout} at {batch}: {stage} us, bound near {near} {bound} us");
            }

            if (plan.Role == ServingRole.Prefill)
            {
                continue;
            }

            double least = step.LeastSharedMicroseconds(batch, 0, 0) + step.LeastOwnMicroseconds(batch);
            Assert.True(least <= stage * (1 + Rounding), $"{plan.Role} {plan.Table.Shape.Layout} at {batch}: {stage} us, least {least} us");
            foreach (StageLaunch launch in step.DecodeLaunches)
            {
                OperatorShape? shape = launch.Shape is { } one ? one with { Rows = one.Rows * batch } : null;
                double time = plan.Clock.Microseconds(plan.Table, launch, shape, batch, default, out ClockKind clock);
                double bound = plan.Clock.Least(plan.Table, launch, batch);
                Assert.True(bound <= time * (1 + Rounding), $"{plan.Table.Identities[launch.Operator]} at {batch}: {time} us by {clock}, least {bound} us of {launch.Bound}, {shape}");
            }
        }
    });

    /// <summary>Checks plans of each role on a layout of a job.</summary>
    private static bool ForPlans(Job job, int choice, Action<ServingPlan> check)
    {
        if (RandomPlans.Layout(job, choice) is { } layout)
        {
            foreach (ServingRole role in Enum.GetValues<ServingRole>())
            {
                ServingPlan plan = RandomServing.Plan(job, role, layout);
                if (plan.IsReachable)
                {
                    check(plan);
                }
            }
        }

        return true;
    }

    /// <summary>Batches by counting up, then with growing strides: whether a card holds them or not.</summary>
    private static double[] Batches { get; } = [.. Counted()];

    private static IEnumerable<double> Counted()
    {
        for (double batch = 1; batch < 3000; batch += Math.Max(1, Math.Floor(batch / 12)))
        {
            yield return batch;
        }
    }

    /// <summary>Figures that follow from a bound near a batch.</summary>
    private sealed class StageBoundFigures(ServingPlan plan, double near)
    {
        public PlanFigures At(double sequences)
        {
            StageBound bound = plan.Bound(near);
            return plan.FiguresOf(bound.StageSeconds(sequences), bound.StepSeconds(sequences), sequences);
        }
    }
}
