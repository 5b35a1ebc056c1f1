using FastSim.Kernels.Chips;
using FastSim.Kernels.Plans;

namespace FastSim.Search.Jobs;

/// <summary>Cards that do one thing, or prefill and decode alike: how many, what they yield by themselves, and what each costs and draws.</summary>
/// <param name="Cards">Cards.</param>
/// <param name="TokensPerSecond">Prompt tokens/s of cards that prefill alone, generated tokens/s of others.</param>
/// <param name="Draw">What one card costs and draws at that rate.</param>
public readonly record struct CardPool(int Cards, double TokensPerSecond, CardDraw Draw)
{
    private const double SecondsPerHour = 3600;
    private const double Million = 1e6;

    /// <summary>Cards of which no more is known than what they cost.</summary>
    /// <param name="chip">Their chip.</param>
    /// <param name="cards">Cards.</param>
    /// <param name="tokensPerSecond">What they yield.</param>
    public static CardPool Priced(Chip chip, int cards, double tokensPerSecond)
    {
        ArgumentNullException.ThrowIfNull(chip);
        return new CardPool(cards, tokensPerSecond, CardDraw.Unknown with { DollarsPerHour = chip.DollarsPerHour ?? double.NaN });
    }

    /// <summary>Dollars of all its cards an hour.</summary>
    public double DollarsPerHour => Cards * Draw.DollarsPerHour;

    /// <summary>Dollars of its cards for a million of its tokens.</summary>
    public double DollarsPerMillionTokens => DollarsPerMillion(DollarsPerHour, TokensPerSecond);

    /// <summary>Joules of its cards for one of its tokens.</summary>
    public double JoulesPerToken => Cards * Draw.Watts / TokensPerSecond;

    /// <summary>The same, were each card to draw its board's watts throughout.</summary>
    public double JoulesPerTokenAtBoardWatts => Cards * Draw.BoardWatts / TokensPerSecond;

    /// <summary>Draw of all its cards at a share of its rate, W: what they draw idle stays.</summary>
    /// <param name="share">The share, 0 to 1.</param>
    internal double WattsAt(double share) => Cards * (Draw.IdleWatts + (share * Draw.WorkWatts));

    /// <summary>Dollars for a million tokens.</summary>
    /// <param name="dollarsPerHour">Dollars an hour.</param>
    /// <param name="tokensPerSecond">Tokens/s.</param>
    internal static double DollarsPerMillion(double dollarsPerHour, double tokensPerSecond) => dollarsPerHour / (SecondsPerHour * tokensPerSecond) * Million;
}

/// <summary>
/// What a deployment costs and draws (docs/cost-model.md, "Cost and energy"). Every figure is NaN where it is unknown: a chip does not state what it
/// needs, or no such tokens are yielded.
/// </summary>
public readonly record struct DeploymentEconomics
{
    private const double WattsPerMegawatt = 1e6;

    /// <summary>Nothing is known.</summary>
    public static DeploymentEconomics Unknown { get; } = new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0);

    private DeploymentEconomics(double tokens, double promptTokens, double dollarsPerHour, double watts, double boardWatts, int cards)
    {
        DollarsPerMillionTokens = CardPool.DollarsPerMillion(dollarsPerHour, tokens);
        DollarsPerMillionInputTokens = CardPool.DollarsPerMillion(dollarsPerHour, promptTokens);
        CardWatts = watts / cards;
        JoulesPerToken = watts / tokens;
        TokensPerSecondPerWatt = watts > 0 ? tokens / watts : double.NaN;
        TokensPerSecondPerMegawatt = TokensPerSecondPerWatt * WattsPerMegawatt;
        JoulesPerTokenAtBoardWatts = boardWatts / tokens;
        TokensPerSecondPerMegawattAtBoardWatts = tokens / boardWatts * WattsPerMegawatt;
    }

    /// <summary>Dollars of all cards for a million generated tokens; prompt tokens where the deployment only prefills.</summary>
    public double DollarsPerMillionTokens { get; }

    /// <summary>Dollars of all cards for a million prompt tokens; none where it only decodes. Not in addition to the other: each pays for everything.</summary>
    public double DollarsPerMillionInputTokens { get; }

    /// <summary>Average draw of a card, W.</summary>
    public double CardWatts { get; }

    /// <summary>Joules of all cards for a generated token; a prompt token where the deployment only prefills.</summary>
    public double JoulesPerToken { get; }

    /// <summary>Such tokens/s for each watt drawn.</summary>
    public double TokensPerSecondPerWatt { get; }

    /// <summary>Such tokens/s for each megawatt drawn.</summary>
    public double TokensPerSecondPerMegawatt { get; }

    /// <summary>Joules for a token were every card to draw its board's watts throughout: an estimate from above that needs no energies.</summary>
    public double JoulesPerTokenAtBoardWatts { get; }

    /// <summary>Tokens/s for each megawatt of boards' watts: an estimate from below.</summary>
    public double TokensPerSecondPerMegawattAtBoardWatts { get; }

    /// <summary>Of an answer to a job.</summary>
    public static DeploymentEconomics Of(JobResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Of(result.Job, result.Prefill?.Pool, result.Decode?.Pool);
    }

    /// <summary>Of phases as they run together: the one that the other holds back draws less, and costs as much.</summary>
    /// <param name="job">The job.</param>
    /// <param name="prefill">Cards that prefill in a phase of their own; null where there are none. Ignored in fusion.</param>
    /// <param name="decode">Cards that decode, or all of a fusion; null where there are none.</param>
    public static DeploymentEconomics Of(Job job, CardPool? prefill, CardPool? decode)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.Mode == ServingMode.Fusion)
        {
            return decode is { } all
                ? new DeploymentEconomics(
                    all.TokensPerSecond,
                    all.TokensPerSecond / job.Lengths.Output * job.Lengths.Input,
                    all.DollarsPerHour,
                    all.WattsAt(1),
                    all.Cards * all.Draw.BoardWatts,
                    all.Cards)
                : Unknown;
        }

        if ((prefill ?? decode) is not { } only)
        {
            return Unknown;
        }

        if (prefill is not { } prefills || decode is not { } decodes)
        {
            return new DeploymentEconomics(
                only.TokensPerSecond,
                prefill is null ? double.NaN : only.TokensPerSecond,
                only.DollarsPerHour,
                only.WattsAt(1),
                only.Cards * only.Draw.BoardWatts,
                only.Cards);
        }

        double prefillRequests = prefills.TokensPerSecond / job.Lengths.Input;
        double decodeRequests = decodes.TokensPerSecond / job.Lengths.Output;
        double requests = Math.Min(prefillRequests, decodeRequests);
        return new DeploymentEconomics(
            requests * job.Lengths.Output,
            requests * job.Lengths.Input,
            prefills.DollarsPerHour + decodes.DollarsPerHour,
            prefills.WattsAt(requests / prefillRequests) + decodes.WattsAt(requests / decodeRequests),
            (prefills.Cards * prefills.Draw.BoardWatts) + (decodes.Cards * decodes.Draw.BoardWatts),
            prefills.Cards + decodes.Cards);
    }
}
