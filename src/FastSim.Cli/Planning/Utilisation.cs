using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Planning;

/// <summary>How much of a card's peaks a deployment puts to use.</summary>
/// <param name="Flops">FLOP/s of its launches over the peak of the matrix type that products run in.</param>
/// <param name="Bandwidth">Bytes/s over the peak of the memory.</param>
internal readonly record struct Utilisation(double Flops, double Bandwidth)
{
    /// <summary>Of the cards of some phases.</summary>
    /// <param name="winners">The phases that the same cards run.</param>
    public static Utilisation Of(params ReadOnlySpan<PhaseWinner> winners)
    {
        (double flops, double bytes) = (0, 0);
        foreach (PhaseWinner winner in winners)
        {
            (StageWork work, double perSecond) = WorkOf(winner);
            flops += perSecond * work.Flops;
            bytes += perSecond * work.MemoryBytes;
        }

        ChipRates rates = winners[0].Rates;
        return new Utilisation(flops / rates.PeakMatrixFlopsPerSecond, bytes / rates.PeakMemoryBytesPerSecond);
    }

    /// <summary>A card's work of a prompt or of a pass, and how often a second a rank does it: a pass yields its sequences' tokens.</summary>
    private static (StageWork Work, double PerSecond) WorkOf(PhaseWinner winner)
    {
        double requests = winner.RequestsPerSecond / winner.Layout.DataParallel;
        if (winner.PassesOfPrompt is { } passes)
        {
            return (winner.Joins is { } decode
                ? StageWork.Beside(decode.Table, winner.Table, winner.Rates, decode.WorkedSequences, passes)
                : StageWork.OfPrompt(winner.Table, winner.Rates, passes), requests);
        }

        double requestsPerPass = winner.Shape.Phase == Phase.Decode
            ? winner.WorkedSequences * winner.Shape.Prediction.TokensPerStep / winner.RequestTokens
            : winner.WorkedSequences;
        return (StageWork.OfPass(winner.Table, winner.Rates, winner.WorkedSequences), requests / requestsPerPass);
    }
}
