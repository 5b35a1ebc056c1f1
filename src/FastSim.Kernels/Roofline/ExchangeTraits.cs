using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>What the exchanges of a stage are like: which of the ways to add them up it needs.</summary>
/// <param name="ArePlain">Whether each goes over one link that takes messages of any size alike.</param>
/// <param name="SlowDown">Whether some take something from compute while they hide.</param>
/// <param name="AreMany">Whether a part has two or more.</param>
internal readonly record struct ExchangeTraits(bool ArePlain, bool SlowDown, bool AreMany)
{
    /// <summary>Asks a stage.</summary>
    public static ExchangeTraits Of(StageProgram program)
    {
        ExchangeTraits traits = new(ArePlain: true, SlowDown: false, AreMany: false);
        for (StagePart part = StagePart.Attention; part <= StagePart.Pipeline; part++)
        {
            ReadOnlySpan<ExchangeTerm> exchanges = program.ExchangesOf(part);
            foreach (ref readonly ExchangeTerm exchange in exchanges)
            {
                ref LinkTerm link = ref program.Link(exchange.FirstLink);
                traits = new(
                    traits.ArePlain && exchange.EndLink == exchange.FirstLink + 1 && link.StepCount == 0 && !link.IsByAlgorithm,
                    traits.SlowDown || exchange.SlowdownRepeats != 0,
                    traits.AreMany || exchanges.Length > 1);
            }
        }

        return traits;
    }
}
