namespace FastSim.Kernels.Chips;

/// <summary>Fitted timings of a chip's operators: parameters by family and kind, a kind being what the family's kernels differ in (data types, mostly).</summary>
public sealed class OperatorTimings
{
    private readonly Dictionary<(string Family, string Kind), double[]> parameters;

    /// <summary>Timings.</summary>
    /// <param name="computeUnits">Streaming multiprocessors, or cores.</param>
    /// <param name="carriedFrom">The chip they were measured on, where it is another; null where it is this one.</param>
    /// <param name="parameters">Parameters by family and kind, in the order of the family's form.</param>
    public OperatorTimings(int computeUnits, string? carriedFrom, IReadOnlyDictionary<(string Family, string Kind), double[]> parameters)
    {
        ComputeUnits = computeUnits;
        CarriedFrom = carriedFrom;
        this.parameters = new(parameters);
    }

    /// <summary>Streaming multiprocessors, or cores: what tiles of work spread over.</summary>
    public int ComputeUnits { get; }

    /// <summary>The chip the timings were measured on, where it is another than this one.</summary>
    public string? CarriedFrom { get; }

    /// <summary>Families and kinds that are fitted.</summary>
    public IEnumerable<(string Family, string Kind)> Keys => parameters.Keys;

    /// <summary>Parameters of a kind; null where it was not fitted.</summary>
    public double[]? Find(string family, string kind) => parameters.GetValueOrDefault((family, kind));
}
