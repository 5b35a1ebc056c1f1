using FastSim.Kernels.Chips;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Laws of the cost model (cost model B7), on the reference evaluator, for every kind of plan.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)], MaxTest = 300)]
public sealed class CostModelLaws
{
    /// <summary>Rounding of a sum of some thirty terms.</summary>
    private const double Rounding = 1e-13;

    [Law]
    public bool Time_never_falls_with_the_batch(Job job, int choice, PositiveInt batch) =>
        ForEachPlan(job, choice, (PlanFigures smaller, PlanFigures larger) =>
            !(larger.PerTokenSeconds < smaller.PerTokenSeconds) && !(larger.FirstTokenSeconds < smaller.FirstTokenSeconds), batch.Get);

    [Law]
    public bool Throughput_never_falls_with_the_batch(Job job, int choice, PositiveInt batch) =>
        ForEachPlan(job, choice, (smaller, larger) => larger.TokensPerSecond >= smaller.TokensPerSecond * (1 - Rounding), batch.Get);

    /// <summary>Tables whose efficiency never falls with an operator's size keep this law, though not the one before.</summary>
    [Law]
    public Property Throughput_never_falls_with_the_batch_under_rising_tables(int choice, PositiveInt batch) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithTables), job =>
            ForEachPlan(job, choice, (smaller, larger) => larger.TokensPerSecond >= smaller.TokensPerSecond * (1 - Rounding), batch.Get));

    [Law]
    public bool Memory_is_linear_in_the_batch(Job job, int choice, PositiveInt batch)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        DecodePlan plan = RandomPlans.Decode(job, layout);
        double step = plan.MemoryBytes(1) - plan.MemoryBytes(0);
        double expected = plan.MemoryBytes(0) + (step * batch.Get);
        return Math.Abs(plan.MemoryBytes(batch.Get) - expected) <= 1e-9 * expected && step > 0;
    }

    /// <summary>
    /// No weight vanishes: what all cards hold is at least the model, whatever the accounting, the phase and the form of the model. The seed's form states
    /// replicas of the shared expert apart from the experts that a token visits, and puts one on every card where it is told so; only with as many can the law
    /// hold.
    /// </summary>
    [Law]
    public bool The_weights_of_all_cards_are_at_least_the_models(Job job, int choice)
    {
        int shared = job.Model.Experts?.SharedExpertsPerToken ?? 0;
        if (job.Model is { Structure: null, Experts.SharedReplicas: var replicas } && replicas < shared)
        {
            job = job with { Model = job.Model with { Experts = job.Model.Experts with { SharedReplicas = shared } } };
        }

        if (RandomPlans.Layout(job, choice) is not { } layout || (job.Model.Structure is null && layout.SharedReplicas < shared))
        {
            return true;
        }

        job = job with { Prediction = Kernels.Models.MultiTokenPrediction.Off };
        ParallelLayout whole = new(1, 1, 1, 1, 1, 1, 0, shared);
        return layout.Cards * RandomPlans.Decode(job, layout).Memory.WeightBytes >= RandomPlans.Decode(job, whole).Memory.WeightBytes * (1 - Rounding)
            && layout.Cards * RandomPlans.Prefill(job, layout).Memory.WeightBytes >= RandomPlans.Prefill(job, whole).Memory.WeightBytes * (1 - Rounding);
    }

    /// <summary>Sums, products and quotients of positive numbers round monotonically, so the law holds to the bit.</summary>
    [Law]
    public bool More_accepted_drafts_are_never_slower(Job job, int choice, PositiveInt batch, int some)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        double[] fewer = [.. new[] { 3, 7, 11 }.Select(step => Math.Abs((long)some * step % 100) / 100d)];
        double[] more = [.. fewer.Select((share, place) => Math.Min(1, share + (((some >> place) & 3) / 8d)))];
        Job slow = job with { Prediction = Kernels.Models.MultiTokenPrediction.ByPosition(fewer) with { Draft = job.Prediction.Draft } };
        Job quick = job with { Prediction = Kernels.Models.MultiTokenPrediction.ByPosition(more) with { Draft = job.Prediction.Draft } };
        return RandomPlans.Decode(quick, layout).At(batch.Get).PerTokenSeconds <= RandomPlans.Decode(slow, layout).At(batch.Get).PerTokenSeconds
            && RandomPlans.Fusion(quick, layout).At(batch.Get).PerTokenSeconds <= RandomPlans.Fusion(slow, layout).At(batch.Get).PerTokenSeconds;
    }

    /// <summary>
    /// A draft model's passes cost time, unless they end while messages still travel, and its weights and cache memory; lookups do
    /// neither.
    /// </summary>
    [Law]
    public bool A_draft_model_costs_time_and_memory_and_lookups_nothing(Job job, int choice, PositiveInt batch)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        Kernels.Models.DraftModel lookup = Kernels.Models.DraftModel.Lookup;
        Job free = job with { Prediction = new Kernels.Models.MultiTokenPrediction(2, 0.5) { Draft = lookup } };
        Job drafted = job with { Prediction = free.Prediction with { Draft = job.Prediction.Draft ?? lookup } };
        DecodePlan less = RandomPlans.Decode(free, layout);
        DecodePlan more = RandomPlans.Decode(drafted, layout);
        bool isFree = drafted.Prediction.Draft!.Model is null;
        return isFree
            ? less.At(batch.Get) == more.At(batch.Get) && less.MemoryBytes(batch.Get) == more.MemoryBytes(batch.Get)
            : (less.At(batch.Get).PerTokenSeconds < more.At(batch.Get).PerTokenSeconds
                || (job.DecodeChip.CommunicationOverlap > 0 && less.At(batch.Get).PerTokenSeconds == more.At(batch.Get).PerTokenSeconds))
                && less.MemoryBytes(batch.Get) < more.MemoryBytes(batch.Get);
    }

    /// <summary>A power of two as the factor keeps every rounding, so the law holds to the bit.</summary>
    [Law]
    public bool Scaling_every_rate_scales_time_the_other_way(Job job, int choice, PositiveInt batch)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        const double Factor = 8;
        Chip fast = Scaled(job.DecodeChip, Factor);
        PlanFigures slow = RandomPlans.Fusion(job, layout).At(batch.Get);
        PlanFigures quick = RandomPlans.Fusion(job with { DecodeChip = fast }, layout).At(batch.Get);
        return slow.PerTokenSeconds == quick.PerTokenSeconds * Factor
            && slow.FirstTokenSeconds == quick.FirstTokenSeconds * Factor
            && slow.TokensPerSecond * Factor == quick.TokensPerSecond;
    }

    [Law]
    public bool Doubling_the_cards_of_a_dense_data_parallel_plan_doubles_throughput(Job job, int choice, PositiveInt batch)
    {
        Job dense = job with { Model = job.Model with { Experts = null } };
        if (RandomPlans.Layout(dense, choice) is not { } layout)
        {
            return true;
        }

        // A send between stages may reach a farther tier in physical accounting when the instance grows.
        Job seed = dense with { Accounting = Kernels.Models.Accounting.Seed };
        ParallelLayout doubled = layout with { DataParallel = layout.DataParallel * 2 };
        DecodePlan one = RandomPlans.Decode(seed, layout);
        DecodePlan two = RandomPlans.Decode(seed, doubled);
        return two.At(batch.Get).TokensPerSecond == 2 * one.At(batch.Get).TokensPerSecond
            && two.At(batch.Get).PerTokenSeconds == one.At(batch.Get).PerTokenSeconds
            && two.MemoryBytes(batch.Get) == one.MemoryBytes(batch.Get);
    }

    [Law]
    public bool The_largest_batch_fits_and_the_next_does_not(Job job, int choice, PositiveInt unit)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        FusionPlan plan = RandomPlans.Fusion(job, layout);
        int sequencesPerUnit = (unit.Get % 8) + 1;
        return new[] { sequencesPerUnit, BatchSteps.WithFractions(sequencesPerUnit) }.All(steps =>
        {
            long largest = plan.LargestBatch(steps);
            return (largest == 0 || plan.MemoryBytes(steps.At(largest)) <= plan.CapacityBytes)
                && plan.MemoryBytes(steps.At(largest + 1)) > plan.CapacityBytes;
        });
    }

    /// <summary>The breakdown tells of the same time as the plain evaluation, and its parts add up.</summary>
    [Law]
    public bool The_breakdown_adds_up(Job job, int choice, PositiveInt batch)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        DecodePlan plan = RandomPlans.Decode(job, layout);
        StageBreakdown breakdown = StageBreakdown.Of(plan.Table, plan.Rates, batch.Get);
        PartBreakdown[] parts = [breakdown.Attention, breakdown.FeedForward, breakdown.Logits];
        double process = parts.Sum(part => part.ProcessSeconds);
        double byBound = parts.Sum(part => part.ComputeBoundSeconds + part.MemoryBoundSeconds);
        double byEngine = parts.Sum(part => part.MatrixSeconds + part.VectorSeconds);
        double exposed = breakdown.Time.ExposedTensorSeconds + breakdown.Time.ExposedExpertSeconds;
        return breakdown.Time == StageTime.Of(plan.Table, plan.Rates, batch.Get)
            && Math.Abs(process - byBound) <= 1e-12 * process
            && Math.Abs(process - byEngine) <= 1e-12 * process
            && breakdown.Time.StageSeconds >= (process + exposed) * (1 - 1e-12);
    }

    private static bool ForEachPlan(Job job, int choice, Func<PlanFigures, PlanFigures, bool> law, int batch)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        DecodePlan decode = RandomPlans.Decode(job, layout);
        PrefillPlan prefill = RandomPlans.Prefill(job, layout);
        FusionPlan fusion = RandomPlans.Fusion(job, layout);
        return law(decode.At(batch), decode.At(batch + 1))
            && law(prefill.At(batch), prefill.At(batch + 1))
            && law(fusion.At(batch), fusion.At(batch + 1));
    }

    private static Chip Scaled(Chip chip, double factor) => chip with
    {
        Matrix = chip.Matrix.ToDictionary(unit => unit.Key, unit => unit.Value with { Teraflops = unit.Value.Teraflops * factor }),
        Vector = chip.Vector.ToDictionary(unit => unit.Key, unit => unit.Value with { Teraflops = unit.Value.Teraflops * factor }),
        Memory = chip.Memory with { GigabytesPerSecond = chip.Memory.GigabytesPerSecond * factor },
        Networks = [.. chip.Networks.Select(tier => tier with
        {
            GigabytesPerSecond = tier.GigabytesPerSecond * factor,
            LatencySeconds = tier.LatencySeconds / factor,
            StepSeconds = tier.StepSeconds / factor,
            ReductionGigabytesPerSecond = tier.ReductionGigabytesPerSecond * factor,
        })],
        StaticLatencySeconds = chip.StaticLatencySeconds / factor,
    };
}
