using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Launches of an engine by learned times: what of them shows where kernels start ahead, and where they split the depth.</summary>
[Laws]
public sealed class LearnedLaunchLaws
{
    private const double Rounding = 1e-12;
    private const double Ahead = 1;
    private const int MostDraws = 200;
    private const int JobsOfADraw = 50;

    /// <summary>No launch takes longer for it, and none hides more than is said: a kernel's overlap, twice where a kernel of its own quantizes, and three quarters at most.</summary>
    [Law(MaxTest = 60)]
    public Property Kernels_that_start_ahead_hide_no_more_than_they_say(int choice) => Prop.ForAll(
        RandomServing.Jobs(),
        job => Array.TrueForAll(Times(job, choice, engine => engine with { LaunchOverlapMicroseconds = Ahead }), IsShown));

    /// <summary>No launch takes longer for it, and none but products in 4 bits take another time.</summary>
    [Law(MaxTest = 60)]
    public Property Splits_of_the_depth_make_no_product_slower(int choice) => Prop.ForAll(
        RandomServing.Jobs(),
        job => Array.TrueForAll(Times(job, choice, engine => engine with { SplitsFourBitProducts = true }), IsSplit));

    /// <summary>Both make some launches faster: of jobs drawn until one is found, since few are deep enough to be split.</summary>
    [Fact]
    public void Both_make_launches_faster()
    {
        Assert.Contains(Drawn(), job => Times(job, 0, engine => engine with { LaunchOverlapMicroseconds = Ahead }).Any(IsFaster));
        Assert.Contains(Drawn(), job => Times(job, 0, engine => engine with { SplitsFourBitProducts = true }).Any(IsFaster));
    }

    private static IEnumerable<Job> Drawn() => Enumerable.Range(0, MostDraws).SelectMany(_ => RandomServing.Jobs().Generator.Sample(JobsOfADraw));

    private static bool IsShown(Priced launch) =>
        launch.Time <= launch.Plain * (1 + Rounding)
        && launch.Time >= Math.Max(0.25 * launch.Plain, launch.Plain - (2 * Ahead)) * (1 - Rounding);

    private static bool IsSplit(Priced launch) =>
        launch.Time == launch.Plain || (launch.Time < launch.Plain && launch.Shape is { Family: OperatorFamily.Product, Kind: NumberKind.FourBit });

    private static bool IsFaster(Priced launch) => launch.Time < launch.Plain;

    /// <summary>Times of a plan's launches in decoding by an engine that does neither, and by one that is changed.</summary>
    private static Priced[] Times(Job job, int choice, Func<ServingEngine, ServingEngine> change)
    {
        ServingEngine plain = job.Engine! with { LaunchOverlapMicroseconds = 0, SplitsFourBitProducts = false };
        Job learned = job with
        {
            Engine = plain,
            Timing = [ClockKind.Learned],
            Types = new FlopsTypes("float4", "float8", "v"),
            Precision = job.Precision with { WeightBytes = 0.53125 },
            DecodeChip = job.DecodeChip with { Efficiency = RandomSurrogates.Pick(choice) },
        };
        if (RandomPlans.Layout(learned, choice) is not { } layout)
        {
            return [];
        }

        ServingPlan without = RandomServing.Plan(learned, ServingRole.Decode, layout);
        ServingPlan with = RandomServing.Plan(learned with { Engine = change(plain) }, ServingRole.Decode, layout);
        return [.. RandomServing.Step(without).DecodeLaunches.Zip(RandomServing.Step(with).DecodeLaunches).SelectMany(pair => new[] { 1.0, 24, 300 }.Select(batch =>
        {
            OperatorShape? shape = pair.First.Shape is { } one ? one with { Rows = one.Rows * batch } : null;
            return new Priced(
                shape,
                without.Clock.Microseconds(without.Table, pair.First, shape, batch, default, out _),
                with.Clock.Microseconds(with.Table, pair.Second, shape, batch, default, out _));
        }))];
    }

    private readonly record struct Priced(OperatorShape? Shape, double Plain, double Time);
}
