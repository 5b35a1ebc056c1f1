using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.Sweeps;

/// <summary>Studies every variant of a sweep that has a plan, and puts their fronts together as they come.</summary>
internal static class VariantFronts
{
    /// <summary>The envelope of each job's fronts.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="table">Its rows.</param>
    /// <param name="settings">The engine; a variant has one thread.</param>
    /// <param name="meterOf">Makes what is told of how many variants are done, of how many there are.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>An envelope a job; null where it ended early.</returns>
    public static FrontEnvelope[]? Of(SweepPlan plan, SweepTable table, EngineSettings settings, Func<long, SweepMeter> meterOf, CancellationToken cancellation)
    {
        double[] perCard = table.Number(SweepColumns.PerCard);
        int[][] variants =
        [
            .. Enumerable.Range(0, table.Count).Where(row => !double.IsNaN(perCard[row]))
                .GroupBy(row => table.Variants[row]).Select(rows => rows.ToArray()),
        ];
        FrontEnvelope[] envelopes = [.. plan.First.Jobs.Select(_ => new FrontEnvelope())];
        EngineSettings own = settings with { Threads = 1 };
        long done = 0;
        using SweepMeter meter = meterOf(variants.Length);
        OrderedBlocks.Run<(Job Job, IReadOnlyList<FrontPoint> Front)[]>(
            0,
            variants.Length,
            settings.Workers,
            () => place =>
            {
                Job[] jobs = [.. plan.Inputs.Variant(table.Variants[variants[place][0]]).SelectMany(run => run.Jobs)];
                return Array.ConvertAll(variants[place], row => (jobs[table.Jobs[row]], JobStudy.Of(jobs[table.Jobs[row]], 0, own).Front));
            },
            (place, fronts) =>
            {
                for (int index = 0; index < fronts.Length; index++)
                {
                    int row = variants[place][index];
                    envelopes[table.Jobs[row]].Add(table.Variants[row], fronts[index].Job, fronts[index].Front);
                }

                meter.Done(++done);
            },
            cancellation);
        return done == variants.Length ? envelopes : null;
    }
}
