using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>Of deployments that are offered the best within a limit of joules a token: most requests/s, then fewest cards, then fewest joules, then the first.</summary>
/// <param name="job">The job; its limit of cost is kept, too.</param>
/// <param name="limit">The limit.</param>
internal sealed class EnergyChoice(Job job, double limit)
{
    private double bestRequests;
    private int bestCards;
    private double bestJoules;

    /// <summary>Chooses among the deployments that are offered.</summary>
    /// <param name="job">The job.</param>
    /// <param name="limit">The limit; null for the least of any, and what rounding may have added to it.</param>
    /// <param name="offer">Offers all of them, the same each time.</param>
    public static EnergyChoice Of(Job job, double? limit, Action<EnergyChoice> offer)
    {
        if (limit is not { } most)
        {
            EnergyChoice any = new(job, double.PositiveInfinity);
            offer(any);
            most = any.Least * Slack.Above;
        }

        EnergyChoice choice = new(job, most);
        offer(choice);
        return choice;
    }

    /// <summary>The best so far; null where none is within the limits.</summary>
    public (FrugalPlan? Prefill, FrugalPlan? Decode)? Best { get; private set; }

    /// <summary>The least joules a token of any that was offered and costs no more than it may; infinite before the first.</summary>
    public double Least { get; private set; } = double.PositiveInfinity;

    /// <summary>Takes a deployment.</summary>
    /// <param name="prefill">What prefills in cards of its own; null for none.</param>
    /// <param name="decode">What decodes, or does both; null for none.</param>
    /// <param name="isWhole">Whether a phase that is null has no cards; else it has no plan.</param>
    public void Take(FrugalPlan? prefill, FrugalPlan? decode, bool isWhole = false)
    {
        if (job.Mode == ServingMode.Split && !isWhole && (prefill is null || decode is null))
        {
            return;
        }

        DeploymentEconomics economics = DeploymentEconomics.Of(job, prefill?.Pool, decode?.Pool);
        if (job.CostLimit is { } most && !(economics.DollarsPerMillionTokens <= most))
        {
            return;
        }

        double joules = economics.JoulesPerToken;
        Least = Math.Min(Least, joules);
        if (!(joules <= limit))
        {
            return;
        }

        double requests = Math.Min(Requests(prefill, job.Lengths.Input), Requests(decode, job.Lengths.Output));
        int cards = (prefill?.Layout.Cards ?? 0) + (decode?.Layout.Cards ?? 0);
        if (Best is null || (requests, -cards, -joules).CompareTo((bestRequests, -bestCards, -bestJoules)) > 0)
        {
            (Best, bestRequests, bestCards, bestJoules) = ((prefill, decode), requests, cards, joules);
        }
    }

    private static double Requests(FrugalPlan? plan, int tokens) => plan is { } known ? known.TokensPerSecond / tokens : double.PositiveInfinity;
}
