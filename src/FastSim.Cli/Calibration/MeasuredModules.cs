using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>A measured module with its time as it follows from that of the attention over selected tokens.</summary>
/// <param name="Work">What it works on.</param>
/// <param name="BesideOpen">Microseconds beside that attention; −∞ where there is none.</param>
/// <param name="Least">Microseconds at least.</param>
/// <param name="Selected">Tokens that a row attends to, on average.</param>
/// <param name="CachedWidth">Width of a cached token.</param>
/// <param name="LatentWidth">Width of its part that values come from.</param>
internal readonly record struct ModuleCase(
    ModuleWork Work, double BesideOpen, double Least, double Selected, double CachedWidth, double LatentWidth)
{
    /// <summary>Puts a module together.</summary>
    public static ModuleCase Of(ModuleTimings timings, LatentBlock block, ModuleWork work)
    {
        (double besideOpen, double least) = new LatentModule(timings, block, work).Time();
        double selected = block.Indexer switch
        {
            null => 0,
            { } indexer when work.PadsSelection => indexer.SelectedTokens,
            { } indexer => SelectingRows.Of(work.Tokens, work.Past, indexer.SelectedTokens).MeanSelected,
        };
        return new ModuleCase(work, besideOpen, least, selected, block.Latent.CachedWidth, block.Latent.KeyValueRank);
    }

    /// <summary>Microseconds of the module, given those of the attention over selected tokens.</summary>
    public double Microseconds(double attention) => Math.Max(BesideOpen + attention, Least);
}

/// <summary>Modules of a file that attend alike and cache the same type.</summary>
/// <param name="Name">The file's operator.</param>
/// <param name="Kind">How they attend, and the cache's type.</param>
/// <param name="Cases">The modules with their measured microseconds.</param>
internal sealed record MeasuredModules(string Name, string Kind, IReadOnlyList<(ModuleCase Case, double Microseconds)> Cases)
{
    /// <summary>The kind of attention over selected tokens that is fitted to them; null where they have none.</summary>
    /// <param name="chip">The chip.</param>
    public MeasuredKind? ToFit(CalibrationChip chip)
    {
        if (Cases.Count == 0 || double.IsNegativeInfinity(Cases[0].Case.BesideOpen))
        {
            return null;
        }

        double Attention(double[] parameters, ModuleCase module) => SparseAttentionTiming.Microseconds(
            parameters,
            chip.Scale,
            chip.HalfFlopsPerSecond,
            module.Work.Rows,
            module.Selected,
            module.Work.Heads,
            module.CachedWidth,
            module.LatentWidth,
            LatentModule.CacheBytes(module.Work.Cache, module.Work.PacksCache));
        ModuleWork first = Cases[0].Case.Work;
        return new MeasuredKind<ModuleCase>(
            SparseAttentionTiming.Form,
            $"{first.Cache}/{(first.Decodes ? "decode" : "prefill")}",
            [.. Cases],
            module => Of(module.Work),
            parameters => module => module.Microseconds(Attention(parameters, module)),
            module => module.Microseconds(chip.Roofline(
                2 * module.Work.Rows * module.Work.Heads * (module.CachedWidth + module.LatentWidth) * module.Selected,
                chip.HalfFlopsPerSecond,
                module.Work.Rows * module.Selected * module.CachedWidth * CacheTypes.Bytes(module.Work.Cache))));
    }

    /// <summary>Ratios to measured times of modules that nothing is fitted to.</summary>
    public IReadOnlyList<double> Ratios() => [.. Cases.Select(one => one.Case.Least / one.Microseconds)];

    private static double[] Of(in ModuleWork work) =>
        [work.Sequences, work.Tokens, work.Past, work.Heads, work.Type.Length, (double)work.Path];
}
