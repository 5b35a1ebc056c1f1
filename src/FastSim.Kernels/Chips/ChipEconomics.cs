namespace FastSim.Kernels.Chips;

/// <summary>
/// What a card costs and draws, as its file states it. A figure that is null is unknown, which is not the same as 0: nothing that needs it is stated
/// (docs/cost-model.md, "Cost and energy").
/// </summary>
public sealed record ChipEconomics
{
    /// <summary>Nothing is stated.</summary>
    public static ChipEconomics Unknown { get; } = new();

    /// <summary><c>price_per_hour</c>: dollars of a card and hour.</summary>
    public double? DollarsPerHour { get; init; }

    /// <summary><c>board_watts</c>: the most that a card draws for long, W.</summary>
    public double? BoardWatts { get; init; }

    /// <summary><c>idle_watts</c>: what a card draws that does nothing, W; work comes on top.</summary>
    public double? IdleWatts { get; init; }

    /// <summary><c>power_cap</c>: the average draw that a card is held to, W; above <see cref="IdleWatts"/>.</summary>
    public double? PowerCapWatts { get; init; }

    /// <summary><c>matrix.….joules_per_flop</c>: joules of a FLOP on the matrix unit, by data type; types that state none are missing.</summary>
    public IReadOnlyDictionary<string, double> MatrixJoulesPerFlop { get; init; } = new Dictionary<string, double>();

    /// <summary><c>vector.….joules_per_flop</c>: the same of the vector unit.</summary>
    public IReadOnlyDictionary<string, double> VectorJoulesPerFlop { get; init; } = new Dictionary<string, double>();

    /// <summary><c>mem1.joules_per_byte</c>: joules of a byte read or written.</summary>
    public double? MemoryJoulesPerByte { get; init; }

    /// <summary><c>networks[i].joules_per_byte</c>: joules of a byte that a card sends over a tier, whole way; empty where no tier states one.</summary>
    public IReadOnlyList<double?> LinkJoulesPerByte { get; init; } = [];

    /// <summary>Joules of a FLOP at a rate of a job.</summary>
    /// <param name="types">The job's data types.</param>
    /// <param name="rate">The rate.</param>
    public double? JoulesPerFlop(FlopsTypes types, OperatorRate rate)
    {
        ArgumentNullException.ThrowIfNull(types);
        IReadOnlyDictionary<string, double> unit = rate == OperatorRate.Vector ? VectorJoulesPerFlop : MatrixJoulesPerFlop;
        return unit.TryGetValue(types.Of(rate), out double joules) ? joules : null;
    }
}
