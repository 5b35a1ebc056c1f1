using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>Bounds of scores over boxes. Serves one thread.</summary>
internal sealed class ScoreBounds
{
    private const double MeanRoom = 1e-12;

    private readonly SweepPlan plan;
    private readonly BoxValues values;
    private readonly FormulaBounds? cost;
    private readonly FormulaBounds? score;
    private readonly int perCard;

    /// <summary>Bounds of a sweep's scores.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="values">The box's values.</param>
    /// <exception cref="ConfigurationException">Cost or score have no bounds.</exception>
    public ScoreBounds(SweepPlan plan, BoxValues values)
    {
        this.plan = plan;
        this.values = values;
        score = plan.Score() is { } scores ? new FormulaBounds(scores, values.Table) : null;

        // A cost that the score does not ask for needs no bounds.
        cost = plan.Score()?.Names.Contains("cost") == true && plan.Cost() is { } costs ? new FormulaBounds(costs, values.Table) : null;
        perCard = values.Table.PlaceOf(SweepColumns.PerCard);
    }

    /// <summary>Bounds of the score of the job whose columns the values hold.</summary>
    public (Interval Bound, Presence Presence) OfJob()
    {
        if (score is null)
        {
            return (values.Table.Bounds[perCard], Presence.Always);
        }

        if (cost is not null)
        {
            (Interval bound, Presence presence) = cost.Evaluate();
            values.Table.Set(values.Cost, bound, presence);
        }

        return score.Evaluate();
    }

    /// <summary>Bounds of a suite's score by those of its jobs.</summary>
    public (Interval Bound, Presence Presence) OfSuite((Interval Bound, Presence Presence)[] jobs)
    {
        if (plan.File.Mix is not { } mix)
        {
            return jobs[0];
        }

        bool isMean = mix.Mean != SuiteMean.Worst;
        double[] low = Array.ConvertAll(jobs, job => isMean ? Math.Max(0, job.Bound.Low) : job.Bound.Low);
        double[] high = Array.ConvertAll(jobs, job => isMean ? Math.Max(0, job.Bound.High) : job.Bound.High);
        Presence presence = (Presence)jobs.Min(job => (int)job.Presence);
        Interval bound = new(Number(low, double.NegativeInfinity), Number(high, double.PositiveInfinity));
        return (isMean && !bound.IsPoint ? bound.Widened(MeanRoom) : bound, presence);
    }

    private double Number(double[] scores, double otherwise) => SuiteScore.Of(plan.File, scores) is var mean && double.IsNaN(mean) ? otherwise : mean;
}
