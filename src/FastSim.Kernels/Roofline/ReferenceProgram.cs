using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// A stage as <see cref="ReferenceLanes"/> goes through it: what the reference asks of table and chip operator by operator, where it is the same on every chip
/// of the same tables and network shape. Taken anew without allocating, but where a stage has more operators than any before.
/// </summary>
internal sealed class ReferenceProgram
{
    private const int UsualOperators = 48;

    private Term[] terms = new Term[UsualOperators];
    private Leg[] legs = new Leg[UsualOperators];
    private int termCount;
    private int legCount;

    /// <summary>An operator of one block.</summary>
    /// <param name="Part">Part of the stage.</param>
    /// <param name="Group">Of an exchange, between whom; none of an operator that computes.</param>
    /// <param name="IsExchange">Whether the network runs it.</param>
    /// <param name="Rate">The rate of its FLOP.</param>
    /// <param name="ReadsCache">Whether it reads the key-value cache.</param>
    /// <param name="Repeats">Times the stage runs it.</param>
    /// <param name="Flops">FLOP.</param>
    /// <param name="Bytes">Bytes, but for experts that only tokens make it read.</param>
    /// <param name="ActivatedBytes">Bytes of those.</param>
    /// <param name="FirstLeg">First of an exchange's legs.</param>
    /// <param name="LegCount">How many it has.</param>
    /// <param name="ProcessorUsage">Share of the compute units that it occupies.</param>
    public readonly record struct Term(
        StagePart Part,
        ExchangeGroup Group,
        bool IsExchange,
        OperatorRate Rate,
        bool ReadsCache,
        double Repeats,
        AffineInBatch Flops,
        AffineInBatch Bytes,
        double ActivatedBytes,
        int FirstLeg,
        int LegCount,
        double ProcessorUsage);

    /// <summary>What an exchange puts on one tier.</summary>
    /// <param name="Tier">The tier.</param>
    /// <param name="Message">Bytes of the exchange's message.</param>
    /// <param name="WireScale">What the leg puts on the wire of them, times <paramref name="GroupSize"/>.</param>
    /// <param name="GroupSize">Cards of the exchange.</param>
    /// <param name="GroupEfficiency">Share of the link's rate that as many reach.</param>
    /// <param name="SizeEfficiency">Share of it that messages of any size do.</param>
    /// <param name="Hops">Hops.</param>
    public readonly record struct Leg(
        int Tier, AffineInBatch Message, double WireScale, double GroupSize, double GroupEfficiency, double SizeEfficiency, double Hops);

    /// <summary>The operators, in execution order.</summary>
    public ReadOnlySpan<Term> Terms => terms.AsSpan(0, termCount);

    /// <summary>Legs of an exchange.</summary>
    public ReadOnlySpan<Leg> LegsOf(in Term term) => legs.AsSpan(term.FirstLeg, term.LegCount);

    /// <summary>Logarithm of the chance that an expert stays unread, per sequence.</summary>
    public double ActivationLog { get; private set; }

    /// <summary>Whether some operator reads experts by what its tokens reach.</summary>
    public bool HasActivation { get; private set; }

    /// <summary>Share of communication that work hides.</summary>
    public double Overlap { get; private set; }

    /// <summary>Whether an operator takes the longer of compute and memory; else their sum.</summary>
    public bool IsRoofline { get; private set; }

    /// <summary>Efficiency of every operator's compute, by rate.</summary>
    public double[] ComputeEfficiency { get; } = new double[WorkSums.Rates];

    /// <summary>Efficiency of every operator's bytes.</summary>
    public double MemoryEfficiency { get; private set; }

    /// <summary>Further share of the memory rate for operators that read the cache.</summary>
    public double CacheReadCoefficient { get; private set; }

    /// <summary>Takes a stage.</summary>
    /// <param name="table">The stage; its exchanges must be reachable.</param>
    /// <param name="rates">A chip with the chips' tables and network shape.</param>
    /// <returns>
    /// Whether lanes can go the reference's way: efficiencies that no size changes, no power cap, one memory without a cache before it, and exchanges that go by hops and <c>op_scalar</c>.
    /// </returns>
    public bool TryLoad(OperatorTable table, ChipRates rates)
    {
        bool isPlain = rates.HasFlatEfficiency && !rates.HasPowerCap && table.PricedSeconds is null && table.Curves is null && !StreamTime.Has(table);
        if (!isPlain)
        {
            return false;
        }

        for (int tier = 0; tier < rates.Chip.Networks.Count; tier++)
        {
            // A whole device that exchanges occupy would stretch work without end.
            if (rates.AlgorithmsOf(tier) is not null || rates.Chip.Networks[tier].ProcessorUsage >= 1)
            {
                return false;
            }
        }

        termCount = 0;
        legCount = 0;
        ActivationLog = table.ActivationLog;
        HasActivation = false;
        Overlap = rates.Chip.CommunicationOverlap;
        IsRoofline = rates.Chip.Mode == ProcessingMode.Roofline;
        for (int rate = 0; rate < ComputeEfficiency.Length; rate++)
        {
            ComputeEfficiency[rate] = rates.ComputeTables[rate].At(0);
        }

        MemoryEfficiency = rates.MemoryTable.At(0);
        CacheReadCoefficient = rates.CacheReadCoefficient;
        terms = terms.Length < table.Count ? new Term[table.Count] : terms;
        for (int op = 0; op < table.Count; op++)
        {
            ref readonly OperatorIdentity identity = ref table.Identities[op];
            bool isExchange = identity.Engine == OperatorEngine.Network;
            int firstLeg = legCount;
            double usage = 0;
            if (isExchange)
            {
                AddLegs(table.Exchanges[op], rates, ref usage);
            }

            terms[op] = new Term(
                identity.Part,
                table.Exchanges[op].Group,
                isExchange,
                identity.Rate,
                identity.ReadsCache,
                table.Repeats[op],
                new AffineInBatch(table.FlopsConstant[op], table.FlopsPerSequence[op]),
                new AffineInBatch(table.BytesConstant[op], table.BytesPerSequence[op]),
                table.ActivatedBytes[op],
                firstLeg,
                legCount - firstLeg,
                usage);
            HasActivation |= !isExchange && table.ActivatedBytes[op] != 0;
        }

        termCount = table.Count;
        return true;
    }

    private void AddLegs(in Exchange exchange, ChipRates rates, ref double usage)
    {
        if (exchange.Group == ExchangeGroup.None)
        {
            return;
        }

        Span<ExchangeLeg> found = stackalloc ExchangeLeg[rates.Chip.Networks.Count];
        found = found[..ExchangeCost.Legs(exchange, rates, found)];
        if (legs.Length < legCount + found.Length)
        {
            Array.Resize(ref legs, 2 * (legCount + found.Length));
        }

        foreach (ExchangeLeg leg in found)
        {
            NetworkTier network = rates.Chip.Networks[leg.Tier];
            legs[legCount] = new Leg(
                leg.Tier,
                exchange.MessageBytes,
                ExchangeCost.WireScale(exchange, leg, rates),
                exchange.GroupSize,
                network.Collectives[(int)exchange.Collective].Efficiency(exchange.GroupSize),
                rates.LinkTables[leg.Tier].At(0),
                network.Hops(exchange.Collective, exchange.GroupSize));
            legCount++;
            usage = Math.Max(usage, network.ProcessorUsage);
        }
    }
}
