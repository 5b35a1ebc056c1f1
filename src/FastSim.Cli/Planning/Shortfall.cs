using System.Globalization;
using FastSim.Cli.Output;
using FastSim.Kernels.Reference;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Planning;

/// <summary>Why a deployment does worse than the best one: what ends its batch, and what its cards do more or less of.</summary>
internal static class Shortfall
{
    private const double NearLimit = 0.9;
    private const double ShareApart = 0.05;
    private const double Apart = 0.03;

    /// <summary>How much less than the best one it serves, and why; what a token takes where that is what counts.</summary>
    /// <param name="other">The deployment.</param>
    /// <param name="best">The best one.</param>
    public static string Behind(PlannedDeployment other, PlannedDeployment best)
    {
        string energy = double.IsNaN(other.Point.JoulesPerToken) ? "" : Text($"{other.Point.JoulesPerToken:G4} J a token, ");
        return $"{energy}{ShareText.Signed((other.RequestsPerSecond / best.RequestsPerSecond) - 1)} %, {Of(other, best)}";
    }

    /// <summary>In a few words.</summary>
    /// <param name="other">The deployment.</param>
    /// <param name="best">The best one.</param>
    public static string Of(PlannedDeployment other, PlannedDeployment best)
    {
        PhaseWinner winner = other.Limiting;
        string phase = other.IsSplit ? $"{PlannedDeployment.PhaseOf(winner)}: " : "";
        return $"{phase}{Ending(other, winner)}, {Difference(other, winner, best)}";
    }

    /// <summary>What ends the batch of the phase that holds a deployment back.</summary>
    public static string Ending(PlannedDeployment deployment, PhaseWinner winner)
    {
        if (CardMemory.Of(winner).IsFull)
        {
            return "memory full";
        }

        LatencyLimits limits = deployment.Job.Limits;
        double first = deployment.Point.Merit.FirstTokenSeconds * 1000 / limits.FirstTokenMilliseconds ?? 0;
        double token = deployment.Point.Merit.PerTokenSeconds * 1000 / limits.PerTokenMilliseconds ?? 0;
        if (deployment.IsSplit)
        {
            (first, token) = winner.Shape.Phase == Kernels.Models.Phase.Prefill ? (first, 0d) : (0d, token);
        }

        return Math.Max(first, token) < NearLimit ? "larger batches gain nothing" : first > token ? "at the TTFT limit" : "at the TPOT limit";
    }

    private static string Difference(PlannedDeployment other, PhaseWinner winner, PlannedDeployment best)
    {
        PhaseWinner its = best.Limiting;
        if (other.IsSplit != best.IsSplit)
        {
            return other.IsSplit ? "phases apart" : "prompts interrupt decoding";
        }

        // Of a split it may be the other phase that holds the best back: their batches and steps are nothing to compare.
        if (winner.Shape.Phase != its.Shape.Phase)
        {
            return $"holds it back, not {PlannedDeployment.PhaseOf(its)}";
        }

        double exchanged = Exchanged(winner) - Exchanged(its);
        double sequences = (winner.SequencesPerCard / its.SequencesPerCard) - 1;
        if (exchanged > ShareApart)
        {
            return Text($"exchanges {Exchanged(winner) * 100:0} % of a step, not {Exchanged(its) * 100:0}");
        }

        if (sequences < -Apart)
        {
            return Text($"{winner.SequencesPerCard:0.#} sequences a card, not {its.SequencesPerCard:0.#}");
        }

        if (other.IdleCards > best.IdleCards)
        {
            return Text($"{other.IdleCards} card{(other.IdleCards == 1 ? "" : "s")} idle");
        }

        double slower = (winner.LatencySeconds / its.LatencySeconds) - 1;
        return slower > Apart ? Text($"steps take {slower * 100:0} % longer") : "close behind";
    }

    private static double Exchanged(PhaseWinner winner)
    {
        TimeShares shares = TimeShares.Of(winner.Table, winner.Rates, winner.WorkedSequences);
        return shares.CommunicationSeconds / shares.Seconds;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
