using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
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

/// <summary>The reference's lanes against the reference: not near it, but its bits, at every width and in tails of any length.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)], MaxTest = 300)]
public sealed class ReferenceLaneLaws
{
    private static readonly double[] Overlaps = [0, 0.3, 0.8, 1];

    /// <summary>Whatever share of communication is hidden: behind little work some of it shows again.</summary>
    [Law]
    public bool A_lane_has_the_bits_of_the_reference(Job job, int choice, PositiveInt count, PositiveInt overlap)
    {
        Chip chip = job.DecodeChip with { CommunicationOverlap = Overlaps[overlap.Get % Overlaps.Length] };
        return Agrees(job with { DecodeChip = chip, PrefillChip = chip }, choice, (count.Get % 40) + 1);
    }

    /// <summary>Efficiencies that go by an operator's size are not the lanes'.</summary>
    [Law(MaxTest = 100)]
    public Property What_goes_by_size_has_none(int choice) => Prop.ForAll(
        Arb.From(RandomJobs.JobsWithTables),
        job => RandomPlans.Layout(job, choice) is not { } layout
            || RandomPlans.Decode(job, layout) is not { IsReachable: true, Rates.HasFlatEfficiency: false } plan
            || !new ReferenceLanes(1, job.DecodeChip.Networks.Count, LaneWidth.Scalar).TryLoad(plan.Table, plan.Rates));

    private static bool Agrees(Job job, int choice, int count)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        DecodePlan decode = RandomPlans.Decode(job, layout);
        PrefillPlan prefill = RandomPlans.Prefill(job, layout);
        return (!decode.IsReachable || Agrees(job, decode.Table, Phase.Decode, count)) && (!prefill.IsReachable || Agrees(job, prefill.Table, Phase.Prefill, count));
    }

    private static bool Agrees(Job job, OperatorTable table, Phase phase, int count)
    {
        ChipRates[] rates = [.. Enumerable.Range(0, count).Select(lane => new ChipRates(Variant(job.DecodeChip, lane), job.Types, job.Accounting, phase))];
        ChipColumns columns = new(count, job.DecodeChip.Networks.Count);
        int[] order = new int[count];
        for (int lane = 0; lane < count; lane++)
        {
            columns.Set(lane, rates[lane]);
            order[lane] = count - 1 - lane;
        }

        return LaneWidths.All.All(width =>
        {
            ReferenceLanes lanes = new(count, job.DecodeChip.Networks.Count, width);
            if (!lanes.TryLoad(table, rates[0]))
            {
                // In seed accounting a chip has neither algorithms nor a cache before its memory: nothing of these jobs is beyond the lanes.
                return job.Accounting == Accounting.Physical;
            }

            for (int lane = 0; lane < count; lane++)
            {
                lanes.Sequences[lane] = (3 * lane) + 1;
            }

            lanes.Evaluate(columns, order);
            return Enumerable.Range(0, count).All(lane =>
            {
                ChipRates own = rates[order[lane]];
                StageTime time = StageTime.Of(table, own, lanes.Sequences[lane]);
                return lanes.StageSeconds[lane] == time.StageSeconds
                    && lanes.StepSeconds[lane] == time.StepSeconds
                    && lanes.SharesOf(lane) == TimeShares.Of(table, own, lanes.Sequences[lane]);
            });
        });
    }

    private static Chip Variant(Chip chip, int lane) => chip with
    {
        Matrix = chip.Matrix.ToDictionary(unit => unit.Key, unit => unit.Value with { Teraflops = unit.Value.Teraflops * (1 + (lane % 7)) }),
        Memory = chip.Memory with { GigabytesPerSecond = chip.Memory.GigabytesPerSecond * (1 + (lane % 5)) },
        StaticLatencySeconds = chip.StaticLatencySeconds * (lane % 4),
        Networks =
        [
            .. chip.Networks.Select(tier => tier with
            {
                GigabytesPerSecond = tier.GigabytesPerSecond * (1 + (lane % 3)),
                LatencySeconds = tier.LatencySeconds * (1 + (lane % 2)),
            }),
        ],
    };
}
