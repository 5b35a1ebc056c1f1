using FastSim.Cli.Sweeps;
using FastSim.Search.Jobs;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>Lengths of a job's requests.</summary>
/// <param name="Tokens">Tokens of a request that count: those generated, or those of its prompt where only prefill runs.</param>
/// <param name="Input">Tokens of a prompt.</param>
/// <param name="Output">Tokens generated.</param>
/// <param name="HasPrompts">Whether every deployment reads prompts: one that only decodes has no figures of them.</param>
internal sealed record LawfulLengths(Interval Tokens, Interval Input, Interval Output, bool HasPrompts)
{
    /// <summary>Of a job.</summary>
    public static LawfulLengths Of(Job job)
    {
        IReadOnlyList<CardSplit> splits = job.Mode == ServingMode.Split ? job.Splits ?? [] : [];
        Interval output = Interval.Of(job.Lengths.Output);
        Interval input = Interval.Of(job.Lengths.Input);
        int prefills = splits.Count(split => split.DecodeCards == 0);
        Interval tokens = prefills == 0 ? output : prefills == splits.Count ? input : output.Hull(input);
        return new LawfulLengths(tokens, input, output, splits.All(split => split.PrefillCards > 0));
    }
}

/// <summary>
/// The columns of a sweep that have bounds over a box: what follows from requests/s, of which <see cref="ChipLaws"/> hold, and from what cards cost and
/// draw. Latencies and layouts have none: the best plan of a better chip may wait longer.
/// </summary>
internal static class LawfulColumns
{
    /// <summary>Room for what a variant's figures are rounded otherwise than its bounds, several hundred times what the two differ by.</summary>
    public const double Room = 1e-11;

    private const double SecondsPerHour = 3600;
    private const double Million = 1e6;

    /// <summary>Their names, by place.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "requests_per_second", "tokens_per_second", SweepColumns.PerCard, "dollars_per_million_tokens", "dollars_per_million_input_tokens",
        "joules_per_token_at_board_watts", "tokens_per_second_per_megawatt_at_board_watts", "seq_size", "out_size",
    ];

    /// <summary>Sets the bounds of a job's columns at variants that serve no more than some reach.</summary>
    /// <param name="table">Where they go.</param>
    /// <param name="first">Place of the first.</param>
    /// <param name="job">Lengths of the job.</param>
    /// <param name="reach">What is served at most.</param>
    /// <param name="price">Dollars of a card and hour.</param>
    /// <param name="board">Watts of a board.</param>
    public static void SetBounds(
        BoundTable table, int first, LawfulLengths job, VariantReach reach, (Interval Bound, Presence Presence) price, (Interval Bound, Presence Presence) board) => Set(
        table, first, job, new Interval(0, reach.RequestsPerSecond), new Interval(0, reach.RequestsPerCardSecond), Room, price, board);

    /// <summary>Sets the columns as if every variant served as much as the best: what is left is how far the rest is apart.</summary>
    public static void SetBest(
        BoundTable table, int first, LawfulLengths job, VariantReach reach, (Interval Bound, Presence Presence) price, (Interval Bound, Presence Presence) board) => Set(
        table, first, job, Interval.Of(reach.RequestsPerSecond), Interval.Of(reach.RequestsPerCardSecond), 0, price, board);

    private static void Set(
        BoundTable table,
        int first,
        LawfulLengths job,
        Interval requests,
        Interval perCard,
        double room,
        (Interval Bound, Presence Presence) price,
        (Interval Bound, Presence Presence) board)
    {
        (Interval tokens, Interval input, Interval output, bool hasPrompts) = job;
        Interval hour = Interval.Of(SecondsPerHour);
        Interval million = Interval.Of(Million);
        Set(0, requests, Presence.Always);
        Set(1, requests * tokens, Presence.Always);
        Set(2, perCard * tokens, Presence.Always);
        Set(3, price.Bound / (hour * perCard * tokens) * million, price.Presence);
        Set(4, price.Bound / (hour * perCard * input) * million, (Presence)Math.Min((int)price.Presence, (int)(hasPrompts ? Presence.Always : Presence.Maybe)));
        Set(5, board.Bound / (perCard * tokens), board.Presence);
        Set(6, perCard * tokens / board.Bound * million, board.Presence);
        table.Set(first + 7, input, Presence.Always);
        table.Set(first + 8, output, Presence.Always);

        void Set(int column, Interval bound, Presence presence) => table.Set(first + column, bound.Widened(room).AsFinite(), presence);
    }

    /// <summary>Sets the columns that a box's variants share, where all of them have one plan; what they cost they need not share.</summary>
    /// <param name="table">Where they go; holds bounds.</param>
    /// <param name="first">Place of the first.</param>
    /// <param name="answer">The plan, at one of them.</param>
    /// <param name="isPriceOne">Whether all cards of all variants cost the same.</param>
    /// <param name="isBoardOne">Whether all boards draw the same.</param>
    public static void SetShared(BoundTable table, int first, SweepAnswer answer, bool isPriceOne, bool isBoardOne)
    {
        Set(0, answer.RequestsPerSecond);
        Set(1, answer.TokensPerSecond);
        Set(2, answer.TokensPerSecondPerCard);
        if (isPriceOne)
        {
            Set(3, answer.Economics.DollarsPerMillionTokens);
            Set(4, answer.Economics.DollarsPerMillionInputTokens);
        }

        if (isBoardOne)
        {
            Set(5, answer.Economics.JoulesPerTokenAtBoardWatts);
            Set(6, answer.Economics.TokensPerSecondPerMegawattAtBoardWatts);
        }

        void Set(int column, double number) => table.Set(first + column, Interval.Of(number), double.IsNaN(number) ? Presence.Never : Presence.Always);
    }
}
