using FastSim.Kernels.Chips;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Sweeps;

/// <summary>Says of variants without a plan what they fail by, and how little. Serves one thread.</summary>
/// <param name="shapes">The shapes.</param>
/// <param name="factory">Kind of plan; its chip is retuned.</param>
/// <param name="numbers">Where a variant's numbers go before it is.</param>
/// <param name="columns">Chips of the chunk.</param>
/// <param name="lanes">Lanes of the chunk.</param>
/// <param name="chunk">Variants of a chunk at most.</param>
internal sealed class VariantMisses<TPlan, TFactory>(
    PhaseShapes shapes, TFactory factory, ChipNumbers numbers, ChipColumns columns, LimitLanes lanes, int chunk)
    where TPlan : struct, IBatchPlan
    where TFactory : struct, IPlanFactory<TPlan>
{
    private readonly PlanTables tables = new() { LearnsLater = true };
    private readonly LatencyMiss[] misses = new LatencyMiss[chunk];
    private readonly int[] failing = new int[chunk];

    /// <summary>Says of each variant without a plan what it fails by.</summary>
    public void Explain(ReadOnlySpan<double> values, int count, ReadOnlySpan<VariantPlan> plans, Span<VariantMiss> missed)
    {
        int failed = 0;
        for (int variant = 0; variant < count; variant++)
        {
            missed[variant] = default;
            if (!HasPlan(plans.Slice(variant * shapes.CardCounts, shapes.CardCounts)))
            {
                missed[variant] = shapes.Outlines.Length == 0
                    ? new VariantMiss(MissKind.Divisibility, double.NaN, double.NaN)
                    : new VariantMiss(MissKind.Network, double.NaN, double.NaN);
                misses[variant] = new LatencyMiss(false, double.PositiveInfinity, 1);
                failing[failed] = variant;
                failed++;
            }
        }

        for (int shape = 0; failed > 0 && shape < shapes.Outlines.Length; shape++)
        {
            ExplainBy(shape, failed, values, missed);
        }
    }

    private static bool HasPlan(ReadOnlySpan<VariantPlan> plans)
    {
        foreach (ref readonly VariantPlan plan in plans)
        {
            if (plan.IsFound)
            {
                return true;
            }
        }

        return false;
    }

    private void ExplainBy(int shape, int failed, ReadOnlySpan<double> values, Span<VariantMiss> missed)
    {
        if (shapes.Outlines[shape] is not { } outline)
        {
            return;
        }

        Span<int> slow = stackalloc int[failed];
        int slowCount = 0;
        double needed = outline.Memory.TotalBytes(outline.Steps.First);
        double neededOfSecond = outline.Memory.SecondBytes(outline.Steps.First);
        for (int index = 0; index < failed; index++)
        {
            int variant = failing[index];
            double capacity = columns.CapacityOf(variant);
            ref VariantMiss known = ref missed[variant];
            if (needed <= capacity && neededOfSecond > columns.SecondCapacityOf(variant))
            {
                // Of a plan that only its second memory refuses nothing is said: what is nearest is told of the first.
                known = known.Kind is MissKind.Network ? new VariantMiss(MissKind.Memory, double.PositiveInfinity, capacity) : known;
            }
            else if (needed <= capacity)
            {
                slow[slowCount] = variant;
                slowCount++;
            }
            else if (known.Kind is MissKind.Network || (known.Kind is MissKind.Memory && needed < known.Needed))
            {
                known = new VariantMiss(MissKind.Memory, needed, capacity);
            }
        }

        if (slowCount == 0)
        {
            return;
        }

        (ShapeKey key, ParallelLayout layout, _, _) = shapes.Catalog.Shapes[shape];
        Retune(values, slow[0]);
        TPlan plan = factory.Create(layout, key.MicroBatches, tables);
        bool isLearned = factory.Rates.Learned is not null || !plan.HasLanes;
        if (!isLearned)
        {
            lanes.SmallestBatch(plan, outline.Steps, columns, slow[..slowCount]);
        }

        for (int index = 0; index < slowCount; index++)
        {
            int variant = slow[index];
            LatencyMiss miss = isLearned ? MissAt(ref plan, outline.Steps.First, values, variant) : lanes.MissOf(index, shapes.Job.Limits);
            if (miss.Excess < misses[variant].Excess)
            {
                misses[variant] = miss;
                missed[variant] = new VariantMiss(
                    miss.IsFirstToken ? MissKind.FirstToken : MissKind.PerToken, miss.Milliseconds, miss.LimitMilliseconds);
            }
        }
    }

    /// <summary>By how much a variant's smallest batch misses its limit, where every variant has times of its own.</summary>
    private LatencyMiss MissAt(ref TPlan plan, double smallest, ReadOnlySpan<double> values, int variant)
    {
        Retune(values, variant);
        plan = factory.Refreshed(plan);
        return LatencyMiss.Of(plan.At(smallest), shapes.Job.Limits);
    }

    private void Retune(ReadOnlySpan<double> values, int variant)
    {
        values.Slice(variant * numbers.Values.Length, numbers.Values.Length).CopyTo(numbers.Values);
        factory.Retune(numbers);
    }
}
