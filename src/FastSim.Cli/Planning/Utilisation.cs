using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;
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
            OperatorTable table = winner.Table;
            double passes = PassesPerSecond(winner);
            for (int op = 0; op < table.Count; op++)
            {
                flops += passes * table.Flops(op, winner.WorkedSequences) * table.Repeats[op];
                bytes += table.Identities[op].Engine == OperatorEngine.Network ? 0 : passes * OperatorCost.MemoryBytes(table, op, winner.Rates, winner.WorkedSequences) * table.Repeats[op];
            }
        }

        ChipRates rates = winners[0].Rates;
        return new Utilisation(flops / rates.PeakMatrixFlopsPerSecond, bytes / rates.PeakMemoryBytesPerSecond);
    }

    /// <summary>Passes of a stage a second: each yields its sequences' tokens.</summary>
    private static double PassesPerSecond(PhaseWinner winner)
    {
        double tokens = winner.Shape.Phase == Kernels.Models.Phase.Decode ? winner.Shape.Prediction.TokensPerStep : winner.Shape.Lengths.Input;
        return winner.TokensPerSecond / winner.Layout.DataParallel / (winner.WorkedSequences * tokens);
    }
}
