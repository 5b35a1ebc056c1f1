using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Fronts;

/// <summary>A plan of a phase at a batch, with what its cards draw.</summary>
/// <param name="Layout">How the cards share the work.</param>
/// <param name="MicroBatches">Micro-batches in flight per attention rank.</param>
/// <param name="Sequences">Sequences of a rank's micro-batch.</param>
/// <param name="Figures">What it achieves.</param>
/// <param name="Draw">What a card costs and draws.</param>
internal readonly record struct FrugalPlan(ParallelLayout Layout, int MicroBatches, double Sequences, PlanFigures Figures, CardDraw Draw)
{
    /// <summary>Throughput of all its cards.</summary>
    public double TokensPerSecond => Figures.TokensPerSecond;

    /// <summary>Joules of its cards' work for a token: they are the same at any share of its rate, unlike what the cards draw idle.</summary>
    public double WorkJoulesPerToken => Layout.Cards * Draw.WorkWatts / TokensPerSecond;

    /// <summary>Its cards.</summary>
    public CardPool Pool => new(Layout.Cards, TokensPerSecond, Draw);

    /// <summary>Most throughput first, then least work a token, then the order of plans (cost model B7).</summary>
    public static int Order(FrugalPlan one, FrugalPlan other)
    {
        int by = other.TokensPerSecond.CompareTo(one.TokensPerSecond);
        by = by != 0 ? by : one.WorkJoulesPerToken.CompareTo(other.WorkJoulesPerToken);
        if (by != 0)
        {
            return by;
        }

        PlanRank first = new(0, one.Layout, one.Sequences, one.MicroBatches);
        PlanRank second = new(0, other.Layout, other.Sequences, other.MicroBatches);
        int preceding = first.Precedes(second) ? -1 : 1;
        return first == second ? 0 : preceding;
    }
}
