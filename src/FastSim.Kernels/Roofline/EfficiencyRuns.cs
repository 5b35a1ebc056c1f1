using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// Runs of batches over which every efficiency of a stage stays the same, from the largest down: rows of efficiency tables and points of
/// learned curves, as intervals of batches. Over a run time never falls with the batch and throughput neither, as with flat tables
/// (docs/cost-model.md, "Objective and order"). An instance takes one plan after another; it serves one thread.
/// </summary>
public sealed class EfficiencyRuns
{
    private readonly List<Variable> variables = [];
    private readonly List<int> learned = [];
    private OperatorTable? stage;
    private long learnedStart;
    private long[] starts = [];
    private BatchSteps tried;

    private enum Quantity
    {
        Flops,
        Rows,
        Bytes,
        Passing,
        Wire,
    }

    /// <summary>Takes a plan's stage.</summary>
    /// <param name="table">The stage; its exchanges must be reachable.</param>
    /// <param name="rates">Its chip.</param>
    /// <param name="steps">The batches that are tried.</param>
    public void Load(OperatorTable table, ChipRates rates, BatchSteps steps)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        stage = table;
        tried = steps;
        variables.Clear();
        learned.Clear();
        learnedStart = long.MaxValue;
        for (int op = 0; op < table.Count; op++)
        {
            if (table.Identities[op].Engine == OperatorEngine.Network)
            {
                AddExchange(table.Exchanges[op], op, rates);
            }
            else
            {
                AddOperator(table, op, rates);
            }
        }

        if (starts.Length < variables.Count)
        {
            starts = new long[variables.Count];
        }

        starts.AsSpan().Fill(long.MaxValue);
    }

    /// <summary>The smallest batch of the run that a batch is in, in units.</summary>
    /// <param name="units">The batch, in units; no larger than the last that was asked for.</param>
    public long StartOf(long units)
    {
        if (learned.Count > 0 && learnedStart > units)
        {
            learnedStart = LearnedStartOf(units);
        }

        long start = learned.Count > 0 ? learnedStart : 1;
        for (int index = 0; index < variables.Count; index++)
        {
            if (starts[index] > units)
            {
                starts[index] = StartOf(variables[index], units);
            }

            start = Math.Max(start, starts[index]);
        }

        return start;
    }

    private void AddOperator(OperatorTable table, int op, ChipRates rates)
    {
        if (table.Curves is { } curves && curves.Has(op))
        {
            learned.Add(op);
            return;
        }

        EfficiencyTable compute = rates.ComputeTables[(int)table.Identities[op].Rate];
        if (!compute.IsFlat)
        {
            variables.Add(new Variable(compute.IsByShape ? Quantity.Rows : Quantity.Flops, op, compute, 0));
        }

        if (!rates.MemoryTable.IsFlat)
        {
            variables.Add(new Variable(Quantity.Bytes, op, rates.MemoryTable, 0));
        }

        if (rates.CacheSteps is { } cache && table.PassingBytes(op, 1) > 0)
        {
            variables.Add(new Variable(Quantity.Passing, op, cache, 0));
        }
    }

    private void AddExchange(in Exchange exchange, int op, ChipRates rates)
    {
        if (exchange.Group == ExchangeGroup.None)
        {
            return;
        }

        Span<int> cuts = stackalloc int[TwoLevels.MostCuts];
        cuts = cuts[..TwoLevels.Cuts(exchange, rates, cuts)];
        int outermost = rates.InnermostTier(exchange.Span);
        Span<Exchange> phases = stackalloc Exchange[TwoLevels.MostPhases];
        foreach (int together in cuts)
        {
            foreach (Exchange phase in phases[..TwoLevels.Phases(exchange, together, outermost, phases)])
            {
                AddGroup(phase, op, rates);
            }
        }

        AddGroup(exchange, op, rates);
    }

    private void AddGroup(in Exchange exchange, int op, ChipRates rates)
    {
        Span<ExchangeLeg> legs = stackalloc ExchangeLeg[rates.Chip.Networks.Count];
        foreach (ExchangeLeg leg in legs[..ExchangeCost.Legs(exchange, rates, legs)])
        {
            if (!rates.LinkTables[leg.Tier].IsFlat)
            {
                variables.Add(new Variable(Quantity.Wire, op, rates.LinkTables[leg.Tier], ExchangeCost.WireScale(exchange, leg, rates)) { Exchange = exchange });
            }
        }
    }

    /// <summary>The smallest batch from which up to one all learned slowdowns stay the same: their curves have one grid, so that a run of all begins where one of any does.</summary>
    private long LearnedStartOf(long units)
    {
        OperatorCurves curves = stage!.Curves!;
        int point = curves.PointOf(tried.At(units));
        int lowest = point;
        while (true)
        {
            long start = lowest <= 0 ? 1 : tried.LastWithin(Math.BitDecrement(BatchGrid.At(lowest))) + 1;
            if (start == 1)
            {
                return 1;
            }

            lowest = curves.PointOf(tried.At(start - 1));
            foreach (int op in learned)
            {
                if (!curves.AreSame(op, lowest, point))
                {
                    return start;
                }
            }
        }
    }

    /// <summary>
    /// The smallest batch from which up to one a variable's efficiency stays the same, batch by batch: a row that no batch lands on ends no run. No
    /// variable falls with the batch.
    /// </summary>
    private long StartOf(in Variable variable, long units)
    {
        long start = StepOf(variable, units);
        while (start > 1 && IsSame(variable, start - 1, units))
        {
            start = StepOf(variable, start - 1);
        }

        return start;
    }

    /// <summary>The smallest batch of the step of a variable's efficiency that a batch is on.</summary>
    private long StepOf(in Variable variable, long units)
    {
        EfficiencyTable efficiency = variable.Table;
        double sequences = tried.At(units);
        double value = At(variable, sequences);
        double least = efficiency.HoldsDownTo(value, value, stage!.Columns[variable.Op], stage.Depths[variable.Op]);
        if (double.IsNegativeInfinity(least) || At(variable, tried.First) >= least)
        {
            return 1;
        }

        // Nearly all grow along a line, which says where; halving finds what does not, or what rounding moved.
        double constant = At(variable, 0);
        double from = sequences * ((least - constant) / (value - constant));
        long guess = Math.Clamp(tried.LastWithin(Math.Clamp(from, 0, sequences)), 2, units);
        guess = At(variable, tried.At(guess)) >= least ? guess : Math.Min(guess + 1, units);
        (long below, long reached) = At(variable, tried.At(guess)) >= least ? (1L, guess) : (guess, units);
        if (reached == guess && At(variable, tried.At(guess - 1)) < least)
        {
            return guess;
        }

        while (reached - below > 1)
        {
            long middle = below + ((reached - below) / 2);
            (below, reached) = At(variable, tried.At(middle)) >= least ? (below, middle) : (middle, reached);
        }

        return reached;
    }

    private bool IsSame(in Variable variable, long units, long other) => EfficiencyAt(variable, units) == EfficiencyAt(variable, other);

    private double EfficiencyAt(in Variable variable, long units)
    {
        double value = At(variable, tried.At(units));
        return variable.Table.At(value, value, stage!.Columns[variable.Op], stage.Depths[variable.Op]);
    }

    private double At(in Variable variable, double sequences) => variable.Quantity switch
    {
        Quantity.Flops => stage!.Flops(variable.Op, sequences),
        Quantity.Rows => stage!.RowsPerSequence[variable.Op] * sequences,
        Quantity.Bytes => stage!.Bytes(variable.Op, sequences),
        Quantity.Passing => stage!.PassingBytes(variable.Op, sequences),
        _ => variable.Exchange.MessageBytes.At(sequences) * variable.WireScale / variable.Exchange.GroupSize,
    };

    /// <summary>What an efficiency goes by.</summary>
    /// <param name="Quantity">What grows with the batch.</param>
    /// <param name="Op">Of which operator.</param>
    /// <param name="Table">The table that is asked.</param>
    /// <param name="WireScale">Of an exchange, as <see cref="ExchangeCost.WireScale"/> has it.</param>
    private readonly record struct Variable(Quantity Quantity, int Op, EfficiencyTable Table, double WireScale)
    {
        /// <summary>Of an exchange, what is exchanged: the operator's, or a phase of it.</summary>
        public Exchange Exchange { get; init; }
    }
}
