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

    /// <summary>Scores of a job, or of the suite.</summary>
    /// <param name="variants">The variants.</param>
    /// <param name="isAsked">The jobs that count: one, or all of a suite.</param>
    /// <param name="tally">Where to count candidates.</param>
    /// <returns>A score each; NaN where the filter leaves one out, or it has none.</returns>
    public double[] Of(IReadOnlyList<long> variants, bool[] isAsked, SweepTally tally)
    {
        double[] found = new double[variants.Count];
        Array.Fill(found, double.NaN);
        passing.Clear();
        passing.AddRange(variants.Where(Solver.Passes));
        long[] answered = [.. passing];
        ReadOnlySpan<VariantResult> results = Solver.Answer(answered, tally, isAsked);
        int next = 0;
        for (int index = 0; index < found.Length && next < answered.Length; index++)
        {
            if (variants[index] == answered[next])
            {
                found[index] = Score(answered[next], Solver.GroupOf[next], results.Slice(next * scores.Length, scores.Length), isAsked);
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
            bool[] all = [.. scores.Select(_ => true)];
            double suite = plan.File.Mix is null ? double.NaN : Score(variant, group, results, all);
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

    private double Score(long variant, SweepGroup group, ReadOnlySpan<VariantResult> results, bool[] isAsked)
    {
        values.Load(variant);
        double only = double.NaN;
        for (int job = 0; job < scores.Length; job++)
        {
            if (isAsked[job])
            {
                answer.Load(variant, job, group.Jobs[job].Job, results[job]);
                double score = formulas.Of(answer).Score;
                only = scores[job] = plan.File.Score is null ? answer.TokensPerSecondPerCard : score;
            }
        }

        return plan.File.Mix is null ? only : SuiteScore.Of(plan.File, scores);
    }
}
