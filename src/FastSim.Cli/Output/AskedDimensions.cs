using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>Which dimensions of layouts beyond the seed's some job asks for: they are named in what is written, where they are 1 as well.</summary>
/// <param name="Contexts">Whether contexts may be shared out over cards.</param>
/// <param name="FeedForwards">Whether attention ranks may share a dense feed-forward out.</param>
/// <param name="Rows">Whether it is searched which cards have rows in turn between products.</param>
/// <param name="Exchanges">Whether cards of a dense feed-forward may exchange something else than rows.</param>
internal readonly record struct AskedDimensions(bool Contexts, bool FeedForwards, bool Rows, bool Exchanges)
{
    /// <summary>All there are.</summary>
    public static AskedDimensions All { get; } = new(Contexts: true, FeedForwards: true, Rows: true, Exchanges: true);

    /// <summary>Names of their columns.</summary>
    public IEnumerable<string> Names =>
    [
        .. Named(Contexts, "cp"),
        .. Named(FeedForwards, "adp"),
        .. Named(Rows, "sp"),
        .. Named(Exchanges, "ffn_hidden", "ffn_gathered"),
    ];

    /// <summary>Those of a job.</summary>
    public static AskedDimensions Of(Job job) => new(job.SharesContexts, job.SharesFeedForwards, job.ChoosesRows, job.ExchangesOtherThanRows);

    /// <summary>Those of some jobs.</summary>
    public static AskedDimensions Of(IEnumerable<Job> jobs) => jobs.Aggregate(default(AskedDimensions), (asked, job) => asked | Of(job));

    /// <summary>Those of either.</summary>
    public static AskedDimensions operator |(AskedDimensions one, AskedDimensions other) =>
        new(one.Contexts | other.Contexts, one.FeedForwards | other.FeedForwards, one.Rows | other.Rows, one.Exchanges | other.Exchanges);

    /// <summary>Values of the columns of a layout; NaN of none.</summary>
    /// <param name="layout">The layout; null for none.</param>
    /// <param name="isPrefill">Whether it prefills alone.</param>
    public IEnumerable<double> Values(ParallelLayout? layout, bool isPrefill)
    {
        if (Contexts)
        {
            yield return layout?.ContextParallel ?? double.NaN;
        }

        if (FeedForwards)
        {
            yield return layout?.AttentionDataParallel ?? double.NaN;
        }

        if (Rows)
        {
            yield return layout is { } known ? RowRanks(known, isPrefill) : double.NaN;
        }

        if (Exchanges)
        {
            yield return layout?.FeedForward.HiddenWays ?? double.NaN;
            yield return layout?.FeedForward.GatheredWays ?? double.NaN;
        }
    }

    /// <summary>A layout's attention ranks that share a feed-forward out, and whether cards have rows in turn, as words behind those of <c>TP</c>; what is 1 goes unsaid.</summary>
    public static string Words(ParallelLayout layout) =>
        (layout.AttentionDataParallel == 1 ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $" ADP{layout.AttentionDataParallel}"))
        + (layout.SequenceParallel && layout.RankCards > 1 ? " SP" : "")
        + (layout.FeedForward.IsOfRows ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $" {Word(layout.FeedForward.Exchange)}{layout.FeedForward.OfWays}"));

    private static string[] Named(bool isAsked, params string[] names) => isAsked ? names : [];

    private static string Word(FeedForwardExchange exchange) => exchange == FeedForwardExchange.TwoDimensional ? "FFN-2D" : "FFN-gathered";

    private static int RowRanks(ParallelLayout layout, bool isPrefill)
    {
        int ranks = isPrefill ? layout.TensorParallel : layout.RankCards;
        return layout.SequenceParallel ? ranks : 1;
    }
}
