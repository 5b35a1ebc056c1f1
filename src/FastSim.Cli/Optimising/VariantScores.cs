using FastSim.Cli.Sweeps;
using FastSim.Kernels.Lanes;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>The very scores of variants. Serves one thread.</summary>
internal sealed class VariantScores
{
    private const int ExpectedVariants = 256;

    private readonly SweepPlan plan;
    private readonly VariantValues values;
    private readonly AnswerFormulas formulas;
    private readonly SweepAnswer answer = new();
    private readonly double[] scores;
    private readonly List<long> passing = [];

    /// <summary>Scores of a sweep's variants.</summary>
    public VariantScores(SweepPlan plan, GroupCache groups, LaneWidth width)
    {
        this.plan = plan;
        Solver = new VariantSolver(plan, groups, width, ExpectedVariants);
        values = new VariantValues(plan.Space);
        formulas = new AnswerFormulas(plan, values);
        scores = new double[plan.First.Jobs.Length];
    }

    /// <summary>Answers the variants.</summary>
    public VariantSolver Solver { get; }

    /// <summary>Losses of a question's objectives.</summary>
    /// <param name="variants">The variants.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="tally">Where to count candidates.</param>
    /// <returns>Losses, the objectives of a variant one after another; NaN where the filter leaves one out, or it lacks a plan or an objective.</returns>
    public double[] Of(IReadOnlyList<long> variants, SearchQuestion question, SweepTally tally)
    {
        int objectives = question.Objectives.Count;
        double[] found = new double[variants.Count * objectives];
        Array.Fill(found, double.NaN);
        passing.Clear();
        passing.AddRange(variants.Where(Solver.Passes));
        long[] answered = [.. passing];
        ReadOnlySpan<VariantResult> results = Solver.Answer(answered, tally, question.IsAsked);
        int next = 0;
        for (int index = 0; index < variants.Count && next < answered.Length; index++)
        {
            if (variants[index] == answered[next])
            {
                Losses(answered[next], Solver.GroupOf[next], results.Slice(next * scores.Length, scores.Length), question, found.AsSpan(index * objectives, objectives));
                next++;
            }
        }

        return found;
    }

    /// <summary>What the best say, as a sweep's rows would.</summary>
    /// <param name="best">Variants and, without a suite, the job that each is the best of.</param>
    public BestRow[] Rows(IReadOnlyList<(long Variant, int Job)> best)
    {
        List<BestRow> rows = [];
        foreach ((long variant, int job) in best)
        {
            ReadOnlySpan<VariantResult> results = Solver.Answer([variant], new SweepTally());
            SweepGroup group = Solver.GroupOf[0];
            double suite = plan.File.Mix is null ? double.NaN : Suite(variant, group, results);
            for (int each = 0; each < scores.Length; each++)
            {
                if (plan.File.Mix is null && each != job)
                {
                    continue;
                }

                values.Load(variant);
                answer.Load(variant, each, group.Jobs[each].Job, results[each]);
                (double cost, double score) = formulas.Of(answer);
                rows.Add(new BestRow(
                    variant,
                    each,
                    answer.TokensPerSecondPerCard,
                    plan.File.Score is null ? null : score,
                    plan.File.Cost is null ? null : cost,
                    plan.File.Mix is null ? null : suite));
            }
        }

        return [.. rows];
    }

    private void Losses(long variant, SweepGroup group, ReadOnlySpan<VariantResult> results, SearchQuestion question, Span<double> losses)
    {
        values.Load(variant);
        bool hasAll = false;
        for (int job = 0; job < scores.Length; job++)
        {
            if (!question.IsAsked[job])
            {
                continue;
            }

            answer.Load(variant, job, group.Jobs[job].Job, results[job]);
            double score = formulas.Of(answer).Score;
            scores[job] = Ranked(score);
            if (job == question.Job)
            {
                hasAll = answer.HasPlan;
                for (int objective = 0; objective < losses.Length; objective++)
                {
                    string field = question.Objectives[objective].Field;
                    losses[objective] = objective == question.SuitePlace ? 0 : question.LossOf(objective, field == "score" ? score : formulas.ValueOf(field));
                }
            }
        }

        if (question.SuitePlace >= 0)
        {
            losses[question.SuitePlace] = question.LossOf(question.SuitePlace, SuiteScore.Of(plan.File, scores));
        }

        foreach (double loss in losses)
        {
            hasAll &= !double.IsNaN(loss);
        }

        if (!hasAll)
        {
            losses.Fill(double.NaN);
        }
    }

    private double Suite(long variant, SweepGroup group, ReadOnlySpan<VariantResult> results)
    {
        values.Load(variant);
        for (int job = 0; job < scores.Length; job++)
        {
            answer.Load(variant, job, group.Jobs[job].Job, results[job]);
            scores[job] = Ranked(formulas.Of(answer).Score);
        }

        return SuiteScore.Of(plan.File, scores);
    }

    /// <summary>What an answer counts for in a suite: its score or, where the file has none, what a card yields.</summary>
    private double Ranked(double score) => plan.File.Score is null ? answer.TokensPerSecondPerCard : score;
}
