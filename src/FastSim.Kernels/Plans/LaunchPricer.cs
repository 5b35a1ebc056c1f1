using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>Prices the launches of a stage one by one, and adds them up.</summary>
/// <param name="clock">What prices them.</param>
/// <param name="remembers">Whether the clock remembers times by rows: not where somebody else does.</param>
internal readonly struct LaunchPricer(EngineClock clock, bool remembers)
{
    /// <summary>Times of what runs once over all tokens, all repeats, each in its launch's place; no number in other places.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="launches">Its launches.</param>
    /// <param name="leasts">What they are never faster than.</param>
    /// <param name="sequences">As many sequences as have all the tokens.</param>
    /// <param name="samples">Sequences that get a token.</param>
    /// <param name="times">Room for them.</param>
    /// <param name="leavesExchangesOut">Whether exchanges have none, either.</param>
    public double[] TimesOf(
        OperatorTable table, StageLaunch[] launches, LeastTime[] leasts, double sequences, double samples, double[] times, bool leavesExchangesOut = false)
    {
        for (int index = 0; index < times.Length; index++)
        {
            ref readonly StageLaunch launch = ref launches[index];
            times[index] = launch.IsOfPhase || (leavesExchangesOut && launch.Way == LaunchWay.Exchange)
                ? double.NaN
                : Timed(table, launch, leasts[index], launch.Part == StepPart.Logits ? samples : sequences);
        }

        return times;
    }

    /// <summary>A launch's time, all repeats, by its rows.</summary>
    public double Timed(OperatorTable table, in StageLaunch launch, in LeastTime least, double sequences) =>
        launch.Repeats * One(table, launch, least, sequences);

    /// <summary>The same of one repeat.</summary>
    public double One(OperatorTable table, in StageLaunch launch, in LeastTime least, double sequences) =>
        clock.PriceByRows(table, launch, least, sequences, remembers);

    /// <summary>Adds a launch that goes by its rows.</summary>
    /// <returns>Whether it is beyond training, where that is asked.</returns>
    public bool Add(in LaunchSum sum, OperatorTable table, in StageLaunch launch, in LeastTime least, double sequences)
    {
        if (sum.IsOfTimesAlone)
        {
            Count(sum, table, launch, Timed(table, launch, least, sequences));
            return false;
        }

        return launch.HasShape
            ? Price(sum, table, launch, least, launch.ShapeInPlace.At(sequences), sequences, default)
            : Price(sum, table, launch, least, launch.ShapeInPlace, sequences, default);
    }

    /// <summary>The time of a launch of prompts alone, all repeats.</summary>
    public double TimedPrompts(OperatorTable prompt, in StageLaunch launch, in LeastTime least, in StepLoad load)
    {
        OperatorShape shape = OfPrompts(prompt, launch, load, out double sequences);
        return launch.Repeats * clock.Price(prompt, launch, least, launch.HasShape, shape, sequences, RowsOf(load), out _);
    }

    /// <summary>A launch of prompts alone: attention over the new tokens and what is cached before them, all else by its rows.</summary>
    /// <returns>Whether it is beyond training, where that is asked.</returns>
    public bool AddPrompts(in LaunchSum sum, OperatorTable prompt, in StageLaunch launch, in LeastTime least, in StepLoad load)
    {
        OperatorShape shape = OfPrompts(prompt, launch, load, out double sequences);
        return Price(sum, prompt, launch, least, shape, sequences, RowsOf(load));
    }

    private static PromptRows RowsOf(in StepLoad load) => new(load.Prompts, load.PromptTokens, load.PromptPast);

    private static OperatorShape OfPrompts(OperatorTable prompt, in StageLaunch launch, in StepLoad load, out double sequences)
    {
        // Of an exchange of contexts what is cached has been shared out, too.
        sequences = prompt.Identities[launch.Operator].Kind == LaunchKind.ContextExchange
            ? load.Prompts * (load.PromptTokens + load.PromptPast) / prompt.Shape.Lengths.Input
            : load.Prompts * load.PromptTokens / prompt.Shape.TokensPerSequence;
        ref readonly OperatorShape one = ref launch.ShapeInPlace;
        return !launch.HasShape || one.Family is not (OperatorFamily.PrefillAttention or OperatorFamily.PrefillLatentAttention)
            ? one with { Rows = one.Rows * sequences }
            : one with { Rows = load.Prompts, Context = EqualArea(load), NewTokens = load.PromptTokens, PastTokens = load.PromptPast };
    }

    private bool Price(
        in LaunchSum sum, OperatorTable table, in StageLaunch launch, in LeastTime least, in OperatorShape shape, double sequences, in PromptRows prompts)
    {
        if (sum.AsksTraining)
        {
            return launch.HasShape && clock.IsBeyondTraining(shape);
        }

        double time = Count(sum, table, launch, launch.Repeats * clock.Price(table, launch, least, launch.HasShape, shape, sequences, prompts, out ClockKind kind));
        if (sum.Launches is { } launches && (sum.By is not { } by || by == kind))
        {
            launches.Add(new PricedLaunch(table.Identities[launch.Operator].Name, launch.Part, launch.HasShape ? shape : null, kind, time));
        }

        return false;
    }

    /// <summary>Adds a launch's time up: of an exchange what work does not hide.</summary>
    /// <returns>What was added.</returns>
    public double Count(in LaunchSum sum, OperatorTable table, in StageLaunch launch, double time)
    {
        if (launch.Way == LaunchWay.Exchange && table.Exchanges[launch.Operator].Group is not (ExchangeGroup.None or ExchangeGroup.PipelineParallel))
        {
            sum.Exchanged += time;
            time *= clock.ShownShare;
        }

        sum.Parts.Add(launch.Part, time);
        return time;
    }

    /// <summary>Length of a prompt without a past whose attention has the area of one with.</summary>
    private static double EqualArea(in StepLoad load) => load.PromptPast > 0
        ? Math.Sqrt((2 * load.PromptTokens * load.PromptPast) + (load.PromptTokens * load.PromptTokens))
        : load.PromptTokens;
}
