using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>Bounds of what a search is asked over boxes. Serves one thread.</summary>
internal sealed class ObjectiveBounds
{
    private const double MeanRoom = 1e-12;

    private readonly SweepPlan plan;
    private readonly BoxValues values;
    private readonly SearchQuestion question;
    private readonly FormulaBounds? cost;
    private readonly FormulaBounds? score;
    private readonly int[] places;
    private readonly int perCard;
    private readonly (Interval Bound, Presence Presence)[] jobScores;
    private readonly (Interval Bound, Presence Presence)[] objectives;
    private int taken;

    /// <summary>Bounds of a question's objectives.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="values">The box's values.</param>
    /// <param name="question">What is asked.</param>
    /// <exception cref="ConfigurationException">An objective, cost or score has no bounds.</exception>
    public ObjectiveBounds(SweepPlan plan, BoxValues values, SearchQuestion question)
    {
        this.plan = plan;
        this.values = values;
        this.question = question;
        perCard = values.Table.PlaceOf(SweepColumns.PerCard);
        places = [.. question.Objectives.Select(objective => objective.Field == SuiteScore.Column ? -1 : PlaceOf(objective.Field))];

        // A score that nothing asks for, and a cost that neither it nor an objective does, need no bounds.
        bool needsScore = question.SuitePlace >= 0 || question.Objectives.Any(objective => objective.Field == "score");
        score = needsScore && plan.Score() is { } scores ? new FormulaBounds(scores, values.Table) : null;
        bool needsCost = (score is not null && plan.Score()!.Names.Contains("cost")) || question.Objectives.Any(objective => objective.Field == "cost");
        cost = needsCost && plan.Cost() is { } costs ? new FormulaBounds(costs, values.Table) : null;
        jobScores = new (Interval, Presence)[question.IsAsked.Count(isAsked => isAsked)];
        objectives = new (Interval, Presence)[question.Objectives.Count];
    }

    /// <summary>Begins a box.</summary>
    public void Begin() => taken = 0;

    /// <summary>Takes the next job that decides, whose columns the values hold.</summary>
    /// <param name="job">Its place.</param>
    public void Take(int job)
    {
        if (cost is not null)
        {
            (Interval bound, Presence presence) = cost.Evaluate();
            values.Table.Set(values.Cost, bound, presence);
        }

        (Interval Bound, Presence Presence) own = score?.Evaluate() ?? (values.Table.Bounds[perCard], Presence.Always);
        jobScores[taken++] = own;
        if (job == question.Job)
        {
            values.Table.Set(values.Score, own.Bound, own.Presence);
            for (int objective = 0; objective < objectives.Length; objective++)
            {
                if (places[objective] is >= 0 and int place)
                {
                    objectives[objective] = (values.Table.Bounds[place], values.Table.Presences[place]);
                }
            }
        }
    }

    /// <summary>Whether variants have all objectives, whose bounds are known once every job was taken.</summary>
    public Presence All()
    {
        if (question.SuitePlace >= 0)
        {
            objectives[question.SuitePlace] = OfSuite();
        }

        Presence presence = Presence.Always;
        foreach ((_, Presence own) in objectives)
        {
            presence = (Presence)Math.Min((int)presence, (int)own);
        }

        return presence;
    }

    /// <summary>Whether the variants of a box have one value of every objective.</summary>
    public bool AreOne()
    {
        bool areOne = All() == Presence.Always;
        foreach ((Interval bound, _) in objectives)
        {
            areOne &= bound.IsPoint;
        }

        return areOne;
    }

    /// <summary>A sum over what objectives are made of: themselves, or the scores of a suite's jobs.</summary>
    /// <param name="of">What is summed.</param>
    public double OfParts(Func<Interval, double> of)
    {
        double sum = 0;
        for (int job = 0; job < jobScores.Length && question.SuitePlace >= 0; job++)
        {
            sum += of(jobScores[job].Bound);
        }

        for (int objective = 0; objective < objectives.Length; objective++)
        {
            sum += places[objective] >= 0 ? of(objectives[objective].Bound) : 0;
        }

        return sum;
    }

    /// <summary>Losses that no variant of a box falls below, an objective each, after <see cref="All"/>.</summary>
    /// <param name="corner">Where they go.</param>
    public void CornerTo(double[] corner)
    {
        for (int objective = 0; objective < objectives.Length; objective++)
        {
            double least = question.Objectives[objective].Maximise ? -objectives[objective].Bound.High : objectives[objective].Bound.Low;
            corner[objective] = double.IsNaN(least) ? double.NegativeInfinity : least;
        }
    }

    /// <summary>Bounds of a suite's score by those of its jobs.</summary>
    private (Interval Bound, Presence Presence) OfSuite()
    {
        bool isMean = plan.File.Mix!.Mean != SuiteMean.Worst;
        double[] low = Array.ConvertAll(jobScores, job => isMean ? Math.Max(0, job.Bound.Low) : job.Bound.Low);
        double[] high = Array.ConvertAll(jobScores, job => isMean ? Math.Max(0, job.Bound.High) : job.Bound.High);
        Presence presence = (Presence)jobScores.Min(job => (int)job.Presence);
        Interval bound = new(Number(low, double.NegativeInfinity), Number(high, double.PositiveInfinity));
        return (isMean && !bound.IsPoint ? bound.Widened(MeanRoom) : bound, presence);
    }

    private double Number(double[] scores, double otherwise) => SuiteScore.Of(plan.File, scores) is var mean && double.IsNaN(mean) ? otherwise : mean;

    private int PlaceOf(string field) => values.Table.PlaceOf(field) is >= 0 and int place
        ? place
        : throw new ConfigurationException(
            $"{plan.File.File}: pareto: found {field}; expected with --optimise a number that has a bound over many variants: an axis, a derived number, cost, score, {SuiteScore.Column}, or one of {string.Join(", ", LawfulColumns.Names)}");
}
