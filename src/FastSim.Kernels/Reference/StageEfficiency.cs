using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Reference;

/// <summary>The efficiencies that a stage's operators and exchanges run at (docs/cost-model.md, "Objective and order").</summary>
internal static class StageEfficiency
{
    /// <summary>Whether every efficiency is the same at two batches: between the two each operator's time is affine, but for expert reads.</summary>
    /// <param name="table">The stage; its exchanges must be reachable.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    /// <param name="other">Those of the other batch.</param>
    public static bool IsSame(OperatorTable table, ChipRates rates, double sequences, double other)
    {
        for (int op = 0; op < table.Count; op++)
        {
            bool isSame = table.Identities[op].Engine == OperatorEngine.Network
                ? IsSameExchange(table.Exchanges[op], rates, sequences, other)
                : IsSameOperator(table, op, rates, sequences, other);
            if (!isSame)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSameOperator(OperatorTable table, int op, ChipRates rates, double sequences, double other)
    {
        if (table.Curves is { } curves && curves.Has(op))
        {
            return curves.At(op, sequences) == curves.At(op, other);
        }

        OperatorIdentity identity = table.Identities[op];
        return rates.MemoryTable.At(table.Bytes(op, sequences)) == rates.MemoryTable.At(table.Bytes(op, other))
            && Compute(sequences) == Compute(other)
            && (!rates.KeepsActivations || rates.Keeps(table.PassingBytes(op, sequences)) == rates.Keeps(table.PassingBytes(op, other)));

        double Compute(double batch) => rates.ComputeTables[(int)identity.Rate].At(
            table.Flops(op, batch), table.RowsPerSequence[op] * batch, table.Columns[op], table.Depths[op]);
    }

    private static bool IsSameExchange(in Exchange exchange, ChipRates rates, double sequences, double other)
    {
        if (exchange.Group == ExchangeGroup.None)
        {
            return true;
        }

        Span<int> cuts = stackalloc int[TwoLevels.MostCuts];
        cuts = cuts[..TwoLevels.Cuts(exchange, rates, cuts)];
        int outermost = rates.InnermostTier(exchange.Span);
        Span<Exchange> phases = stackalloc Exchange[TwoLevels.MostPhases];
        foreach (int together in cuts)
        {
            foreach (Exchange phase in phases[..TwoLevels.Phases(exchange, together, outermost, phases)])
            {
                if (!IsSameGroup(phase, rates, sequences, other))
                {
                    return false;
                }
            }
        }

        return IsSameGroup(exchange, rates, sequences, other);
    }

    private static bool IsSameGroup(in Exchange exchange, ChipRates rates, double sequences, double other)
    {
        Span<ExchangeLeg> legs = stackalloc ExchangeLeg[rates.Chip.Networks.Count];
        foreach (ExchangeLeg leg in legs[..ExchangeCost.Legs(exchange, rates, legs)])
        {
            EfficiencyTable sizes = rates.LinkTables[leg.Tier];
            if (sizes.At(ExchangeCost.WireBytes(exchange, leg, rates, sequences)) != sizes.At(ExchangeCost.WireBytes(exchange, leg, rates, other)))
            {
                return false;
            }
        }

        return true;
    }
}
