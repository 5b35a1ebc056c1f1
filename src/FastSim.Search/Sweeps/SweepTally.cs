namespace FastSim.Search.Sweeps;

/// <summary>Candidates of a sweep, each a variant, a plan and a batch: how many it covers, and why most need no evaluation.</summary>
public sealed class SweepTally
{
    /// <summary>Candidates of the full product: every layout at every batch up to the largest that any of them holds on the variant.</summary>
    public double Covered { get; private set; }

    /// <summary>Of those, candidates that the model cannot be cut into, or the network does not reach across.</summary>
    public double Indivisible { get; private set; }

    /// <summary>Candidates that do not fit the memory.</summary>
    public double TooLarge { get; private set; }

    /// <summary>Candidates that a bound shows to miss a latency limit.</summary>
    public double TooSlow { get; private set; }

    /// <summary>Candidates whose time was evaluated, each once; layouts of one shape share an evaluation.</summary>
    public double Evaluated { get; private set; }

    /// <summary>Candidates left unevaluated because others of their plan, or other plans, are at least as good.</summary>
    public double Outbid => Math.Max(0, Covered - Indivisible - TooLarge - TooSlow - Evaluated);

    /// <summary>Moves the candidates to another tally and starts again.</summary>
    public void MoveTo(SweepTally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        other.Add(this);
        (Covered, Indivisible, TooLarge, TooSlow, Evaluated) = (0, 0, 0, 0, 0);
    }

    /// <summary>Adds another's candidates.</summary>
    public void Add(SweepTally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count(other.Covered, other.Indivisible, other.TooLarge, other.TooSlow, other.Evaluated);
    }

    /// <summary>Counts candidates.</summary>
    public void Count(double covered, double indivisible, double tooLarge, double tooSlow, double evaluated)
    {
        Covered += covered;
        Indivisible += indivisible;
        TooLarge += tooLarge;
        TooSlow += tooSlow;
        Evaluated += evaluated;
    }
}
