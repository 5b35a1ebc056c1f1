namespace FastSim.Kernels.Chips;

/// <summary>Fitted timings of a chip's operators: parameters by family and kind, a kind being what the family's kernels differ in (data types, mostly).</summary>
public sealed class OperatorTimings
{
    private readonly Dictionary<(string Family, string Kind), double[]> parameters;
    private readonly Dictionary<string, double> medianErrors;

    /// <summary>Timings.</summary>
    /// <param name="computeUnits">Streaming multiprocessors, or cores.</param>
    /// <param name="carriedFrom">The chip they were measured on, where it is another; null where it is this one.</param>
    /// <param name="parameters">Parameters by family and kind, in the order of the family's form.</param>
    /// <param name="medianErrors">Median of |time/measured - 1| by family, where they were measured; null where none is stated.</param>
    public OperatorTimings(
        int computeUnits,
        string? carriedFrom,
        IReadOnlyDictionary<(string Family, string Kind), double[]> parameters,
        IReadOnlyDictionary<string, double>? medianErrors = null)
    {
        ComputeUnits = computeUnits;
        CarriedFrom = carriedFrom;
        this.parameters = new(parameters);
        this.medianErrors = medianErrors is null ? [] : new(medianErrors);
    }

    /// <summary>Streaming multiprocessors, or cores: what tiles of work spread over.</summary>
    public int ComputeUnits { get; }

    /// <summary>The chip the timings were measured on, where it is another than this one.</summary>
    public string? CarriedFrom { get; }

    /// <summary>Families and kinds that are fitted.</summary>
    public IEnumerable<(string Family, string Kind)> Keys => parameters.Keys;

    /// <summary>Parameters of a kind; null where it was not fitted.</summary>
    public double[]? Find(string family, string kind) => parameters.GetValueOrDefault((family, kind));

    /// <summary>Median error of a family's timings on the chip they were measured on; null where it is not stated.</summary>
    public double? MedianError(string family) => medianErrors.TryGetValue(family, out double error) ? error : null;
}
