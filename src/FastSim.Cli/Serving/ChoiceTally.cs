using FastSim.Kernels.Fitting;

namespace FastSim.Cli.Serving;

/// <summary>One of several deployments to choose from; the more of each figure the better.</summary>
/// <param name="Measured">The measured figure.</param>
/// <param name="Predicted">The predicted one.</param>
/// <param name="AtWorst">The predicted one at the bad end of its interval.</param>
/// <param name="IsWithin">Whether it was measured to hold the limit.</param>
/// <param name="IsPredictedWithin">Whether it is predicted to.</param>
internal readonly record struct Candidate(double Measured, double Predicted, double AtWorst, bool IsWithin = true, bool IsPredictedWithin = true);

/// <summary>Counts how well choices between candidates went, group by group.</summary>
internal sealed class ChoiceTally
{
    private const double LeastApart = 0.05;
    private const double MostApart = 0.5;
    private const int LeastRanked = 3;

    private readonly List<double> correlations = [];
    private readonly List<double> regrets = [];
    private int groups;
    private int deployments;
    private int pairs;
    private int pairsInOrder;
    private int best;
    private int missed;
    private int tooClose;

    /// <summary>Counts a group: nothing where there is nothing to choose, or no candidate was measured to hold the limit.</summary>
    /// <param name="candidates">Its candidates.</param>
    public void Add(IReadOnlyList<Candidate> candidates)
    {
        if (candidates.Count < 2 || !candidates.Any(candidate => candidate.IsWithin))
        {
            return;
        }

        groups++;
        deployments += candidates.Count;
        AddOrder(candidates);

        // Of those that are predicted alike the worst counts as picked.
        Candidate[] ranked =
            [.. candidates.Where(candidate => candidate.IsPredictedWithin).OrderByDescending(candidate => candidate.Predicted).ThenBy(candidate => candidate.Measured)];
        tooClose += ranked.Length > 1 && ranked[1].Predicted >= ranked[0].AtWorst ? 1 : 0;
        if (ranked.Length == 0 || !ranked[0].IsWithin)
        {
            missed++;
            return;
        }

        double most = candidates.Where(candidate => candidate.IsWithin).Max(candidate => candidate.Measured);
        best += ranked[0].Measured == most ? 1 : 0;
        regrets.Add(1 - (ranked[0].Measured / most));
    }

    /// <summary>What was counted.</summary>
    public ChoiceQuality Of(ChoiceQuestion question) => new(
        question,
        groups,
        deployments,
        correlations.Count > 0 ? correlations.Average() : double.NaN,
        pairs,
        pairsInOrder,
        best,
        regrets.Count > 0 ? regrets.Average() : double.NaN,
        missed,
        tooClose);

    private void AddOrder(IReadOnlyList<Candidate> candidates)
    {
        double correlation = candidates.Count < LeastRanked
            ? double.NaN
            : RankCorrelation.Of([.. candidates.Select(candidate => candidate.Measured)], [.. candidates.Select(candidate => candidate.Predicted)]);
        if (!double.IsNaN(correlation))
        {
            correlations.Add(correlation);
        }

        for (int first = 0; first < candidates.Count; first++)
        {
            for (int second = first + 1; second < candidates.Count; second++)
            {
                (Candidate worse, Candidate better) = candidates[first].Measured < candidates[second].Measured
                    ? (candidates[first], candidates[second])
                    : (candidates[second], candidates[first]);
                if ((better.Measured / worse.Measured) - 1 is >= LeastApart and <= MostApart)
                {
                    pairs++;
                    pairsInOrder += better.Predicted > worse.Predicted ? 1 : 0;
                }
            }
        }
    }
}
