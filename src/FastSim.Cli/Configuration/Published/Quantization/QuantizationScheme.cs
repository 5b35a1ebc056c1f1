namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>Some modules and how they are stored; null for the model's own type.</summary>
/// <param name="Modules">The modules.</param>
/// <param name="Format">Their format.</param>
internal readonly record struct NamedFormat(ModuleMatcher Modules, WeightFormat? Format);

/// <summary>How a module is stored, as a quantization says.</summary>
/// <param name="Format">The format; null for the model's own type.</param>
/// <param name="IsNamed">Whether it is named rather than one of the rest.</param>
internal readonly record struct FoundFormat(WeightFormat? Format, bool IsNamed);

/// <summary>What a quantization section says: modules to formats. The first list that names a module decides; what none names is the rest.</summary>
/// <param name="Named">Lists of modules, in order.</param>
/// <param name="Rest">Format of all other linear modules; null for the model's own type.</param>
internal sealed record QuantizationScheme(IReadOnlyList<NamedFormat> Named, WeightFormat? Rest)
{
    /// <summary>What the rest is within; null where it is everywhere.</summary>
    public ModuleMatcher? Within { get; init; }

    /// <summary>Whether the rest is routed experts alone.</summary>
    public bool ExpertsAlone { get; init; }

    /// <summary>Whether routed experts that nothing names keep the model's own type.</summary>
    public bool SparesExperts { get; init; }

    /// <summary>Format of routed experts, where a model says it beside its quantization; null where they are as the rest.</summary>
    public WeightFormat? RoutedExperts { get; init; }

    /// <summary>Whether the logits projection is one of the rest: where it is not, it is quantized only if it is named.</summary>
    public bool RestHasLogits { get; init; }

    /// <summary>Format of the embedding table, where it is quantized as a class of modules.</summary>
    public WeightFormat? Embedding { get; init; }

    /// <summary>The field that says which modules are quantized, where one does: it must name some of the model.</summary>
    public JsonValue? Scope { get; init; }

    /// <summary>Whether keys and values are kept in 8 bits.</summary>
    public bool CachesInEightBits { get; init; }

    /// <summary>Whether NVIDIA's model optimizer says so.</summary>
    public bool IsOfOptimizer { get; init; }

    /// <summary>Whether some list may tell a block's experts apart.</summary>
    public bool MayNameExpert => Named.Any(named => named.Modules.MayNameExpert);

    /// <summary>How a module is stored.</summary>
    /// <param name="names">What the module is called; one that is named is enough.</param>
    public FoundFormat Of(ReadOnlySpan<string> names)
    {
        foreach (NamedFormat named in Named)
        {
            foreach (string name in names)
            {
                if (named.Modules.Match(name))
                {
                    return new FoundFormat(named.Format, true);
                }
            }
        }

        bool isRest = Within is null;
        foreach (string name in names)
        {
            isRest |= Within?.Match(name) ?? false;
        }

        return new FoundFormat(isRest ? Rest : null, false);
    }
}
