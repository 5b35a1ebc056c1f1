using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Reference;

/// <summary>Everything a result tells about a winner's stage, and each operator behind it.</summary>
/// <param name="Time">The stage's time.</param>
/// <param name="Attention">Totals of the attention.</param>
/// <param name="FeedForward">Totals of the feed-forward.</param>
/// <param name="Logits">Totals of the logits projection; zeros where it is not counted.</param>
/// <param name="Operators">Cost of each operator of one block, in the table's order.</param>
/// <param name="Exchanges">Cost of each operator's exchange; zeros for compute.</param>
public sealed record StageBreakdown(
    StageTime Time,
    PartBreakdown Attention,
    PartBreakdown FeedForward,
    PartBreakdown Logits,
    IReadOnlyList<OperatorCost> Operators,
    IReadOnlyList<ExchangeCost> Exchanges)
{
    /// <summary>Explains a stage.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static StageBreakdown Of(OperatorTable table, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        PartBreakdown attention = new();
        PartBreakdown feedForward = new();
        PartBreakdown logits = new();
        OperatorCost[] costs = new OperatorCost[table.Count];
        ExchangeCost[] exchanges = new ExchangeCost[table.Count];
        for (int op = 0; op < table.Count; op++)
        {
            OperatorIdentity identity = table.Identities[op];
            costs[op] = OperatorCost.Of(table, op, rates, sequences);
            exchanges[op] = ExchangeCost.Of(table, op, rates, sequences);
            PartBreakdown? part = identity.Part switch
            {
                StagePart.Attention => attention,
                StagePart.FeedForward => feedForward,
                StagePart.Logits => logits,
                _ => null,
            };
            part?.Add(identity, costs[op], table.Repeats[op]);
        }

        return new StageBreakdown(StageTime.Of(table, rates, sequences), attention, feedForward, logits, costs, exchanges);
    }
}
