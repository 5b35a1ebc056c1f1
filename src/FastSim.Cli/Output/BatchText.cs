using System.Globalization;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>A winner's batch in words, the same for dense and expert models.</summary>
internal static class BatchText
{
    /// <summary>Sequences a card, and in flight over all of them.</summary>
    public static string Of(PhaseWinner winner) => string.Create(
        CultureInfo.InvariantCulture, $"b{winner.SequencesPerCard:0.##}/card, {winner.InFlight:N0} in flight");
}
