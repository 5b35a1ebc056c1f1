using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// The launches of a stage that prefills whole prompts, with what they are never faster than: instances that differ in the lengths of answers alone have them in common.
/// </summary>
internal sealed class PromptLists
{
    private int users = 1;
    private double[] times = [];
    private double timedSequences = double.NaN;
    private double timedSamples = double.NaN;

    /// <summary>Of a stage; of no launches where there is none.</summary>
    /// <param name="table">The stage; null for none.</param>
    /// <param name="clock">What prices its launches.</param>
    public PromptLists(OperatorTable? table, EngineClock clock)
        : this(table, LaunchLists.Of(table, clock), null)
    {
    }

    /// <summary>Of a stage that may be another's but for the lengths of prompts.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="clock">What prices its launches.</param>
    /// <param name="like">The other.</param>
    /// <param name="room">Lists that nobody uses any more, whose room these take; null for none.</param>
    public PromptLists(OperatorTable table, EngineClock clock, PromptLists like, PromptLists? room)
    {
        room = room?.Like == like ? room : null;
        StageLaunch[]? launches = like.Table is null ? null : LaunchLists.OfAnotherLength(like.Launches, like.Table, room?.Launches, table, clock.Rates.Types);
        Like = launches is null ? null : like;
        (Table, Launches) = (table, launches ?? LaunchLists.Of(table, clock));
        Leasts = LaunchLists.BoundsOfTimes(Launches, table, room?.Leasts);
        times = room?.times ?? [];
        (LaunchMicroseconds, EncoderLaunchMicroseconds) = Launched(Launches, table, EngineOf(table));
    }

    private PromptLists(OperatorTable? table, StageLaunch[] launches, PromptLists? like)
    {
        (Table, Launches, Like) = (table, launches, like);
        Leasts = LaunchLists.BoundsOfTimes(launches, table, null);
        (LaunchMicroseconds, EncoderLaunchMicroseconds) = Launched(launches, table, EngineOf(table));
    }

    /// <summary>The stage; null where there is none.</summary>
    public OperatorTable? Table { get; }

    /// <summary>Its launches.</summary>
    public StageLaunch[] Launches { get; }

    /// <summary>What they are never faster than.</summary>
    public LeastTime[] Leasts { get; }

    /// <summary>Those whose kernels these are, for prompts of another length; null for none.</summary>
    public PromptLists? Like { get; }

    /// <summary>Of lists that nobody uses any more, those that are room for an instance after these; null for none.</summary>
    public PromptLists? Next { get; set; }

    /// <summary>What launching them one by one takes; an encoder's are not among them.</summary>
    public double LaunchMicroseconds { get; }

    /// <summary>What launching an encoder's one by one takes.</summary>
    public double EncoderLaunchMicroseconds { get; }

    /// <summary>What launching kernels one by one takes an engine's host, microseconds.</summary>
    /// <param name="launches">The launches.</param>
    /// <param name="engine">The engine.</param>
    public static double Launched(StageLaunch[] launches, ServingEngine engine) => Launched(launches, null, engine).Launches;

    /// <summary>Takes another instance among those that have it.</summary>
    public PromptLists Share()
    {
        users++;
        return this;
    }

    /// <summary>Takes an instance from among them.</summary>
    /// <returns>It, for its room, where that was the last; otherwise null.</returns>
    public PromptLists? Leave()
    {
        users--;
        return users == 0 ? this : null;
    }

    /// <summary>
    /// Times of what runs once over all tokens of a step that prefills alone, all repeats, each in its launch's place, as they were last asked for: a prompt by itself and the
    /// first of several at a time are one.
    /// </summary>
    /// <param name="sequences">As many prompts as have all the tokens.</param>
    /// <param name="samples">Prompts that get a token.</param>
    /// <param name="step">What prices them.</param>
    public double[] Times(double sequences, double samples, EngineStep step)
    {
        if (timedSequences != sequences || timedSamples != samples)
        {
            times = step.TimesOf(Table!, Launches, Leasts, sequences, samples, times.Length == Launches.Length ? times : new double[Launches.Length]);
            (timedSequences, timedSamples) = (sequences, samples);
        }

        return times;
    }

    private static ServingEngine EngineOf(OperatorTable? table) => table?.Shape.Engine ?? ServingEngine.None;

    /// <summary>Whether a launch is of a product whose input the host has quantised first; experts' kernels quantise theirs themselves.</summary>
    private static bool QuantizesInput(ref readonly StageLaunch launch) => launch.HasShape
        && launch.ShapeInPlace is { Family: OperatorFamily.Product, Kind: NumberKind.EightBit or NumberKind.EightBitBlock or NumberKind.FourBit };

    private static (double Launches, double Encoding) Launched(StageLaunch[] launches, OperatorTable? table, ServingEngine engine)
    {
        double all = 0;
        double encoding = 0;
        double quantizing = 0;
        foreach (ref readonly StageLaunch launch in launches.AsSpan())
        {
            bool isOfEncoder = table is not null && table.Identities[launch.Operator].IsOfEncoder;
            all += isOfEncoder ? 0 : launch.Repeats;
            encoding += isOfEncoder ? launch.Repeats : 0;
            quantizing += !isOfEncoder && QuantizesInput(in launch) ? launch.Repeats : 0;
        }

        return ((all * engine.EagerLaunchMicroseconds) + (quantizing * engine.EagerQuantizeMicroseconds), encoding * engine.EagerLaunchMicroseconds);
    }
}
