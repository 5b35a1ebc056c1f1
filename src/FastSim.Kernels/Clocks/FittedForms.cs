using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>Parameters of fitted forms by family and kind, from wherever they are: a chip's timings, or with those of a learned efficiency.</summary>
public sealed class FittedForms
{
    /// <summary>The word of 16 bits among kinds.</summary>
    internal const string SixteenBits = "bfloat16";

    private readonly IReadOnlyDictionary<(string Family, string Kind), double[]> parameters;

    private FittedForms(IReadOnlyDictionary<(string Family, string Kind), double[]> parameters) => this.parameters = parameters;

    /// <summary>Words of a cache's formats: of 16 bits, of 8.</summary>
    internal static IReadOnlyList<string> CacheWords { get; } = [SixteenBits, "fp8"];

    /// <summary>Families and kinds that are fitted.</summary>
    public IEnumerable<(string Family, string Kind)> Keys => parameters.Keys;

    /// <summary>A chip's own forms, and of those families that it has none of another's; null where the chip states no timings and the other has none.</summary>
    /// <param name="own">The chip's; null for none.</param>
    /// <param name="others">The other's.</param>
    public static FittedForms? Of(OperatorTimings? own, IReadOnlyDictionary<(string Family, string Kind), double[]>? others = null)
    {
        if (own is null && others is not { Count: > 0 })
        {
            return null;
        }

        Dictionary<(string Family, string Kind), double[]> all = own?.Keys.ToDictionary(key => key, key => own.Find(key.Family, key.Kind)!) ?? [];
        HashSet<string> families = [.. all.Keys.Select(key => key.Family)];
        foreach (((string family, string kind), double[] parameters) in others ?? new Dictionary<(string Family, string Kind), double[]>())
        {
            if (!families.Contains(family))
            {
                all[(family, kind)] = parameters;
            }
        }

        return new FittedForms(all);
    }

    /// <summary>Parameters of a kind; null where it was not fitted.</summary>
    /// <param name="family">Its family.</param>
    /// <param name="kind">The kind.</param>
    public double[]? Find(string family, string kind) => parameters.GetValueOrDefault((family, kind));

    /// <summary>A form of whose floor, its first parameter, an engine hides what kernels start ahead; null of none.</summary>
    /// <param name="parameters">The form's parameters.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="structure">The chip's structure.</param>
    internal static double[]? Ahead(double[]? parameters, ServingEngine engine, in ChipStructure structure) =>
        parameters is null ? null : [engine.Shown(parameters[0], structure), .. parameters.AsSpan(1)];

    /// <summary>The place among <see cref="CacheWords"/> of the format that a launch's cache is in.</summary>
    /// <param name="shape">The launch.</param>
    internal static int CacheOf(in OperatorShape shape) => shape.CacheBytes <= 1 ? 1 : 0;
}
