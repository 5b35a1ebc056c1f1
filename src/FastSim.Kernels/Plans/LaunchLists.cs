using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// Launches of a stage with what they are never faster than, one entry a launch; of a stage that is another's but for the lengths of its requests only what goes by these is
/// found anew.
/// </summary>
internal static class LaunchLists
{
    [ThreadStatic]
    private static List<int>? roomOfMembers;

    /// <summary>Room for the operators of a kernel, a thread's.</summary>
    private static List<int> Members => roomOfMembers ??= [];

    /// <summary>The launches of a stage; none of none.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="clock">The chip.</param>
    public static StageLaunch[] Of(OperatorTable? table, EngineClock clock)
    {
        StageLaunch[] launches = table is null ? [] : StageLaunch.Of(table, clock.Rates.Types);
        for (int launch = 0; launch < launches.Length; launch++)
        {
            launches[launch] = launches[launch] with { Bound = clock.Bound(table!, launches[launch], holdsForAnyChip: true) };
        }

        return launches;
    }

    /// <summary>Those of some launches that work on the rows of their own phase alone.</summary>
    /// <param name="launches">The launches.</param>
    public static StageLaunch[] OfPhase(StageLaunch[] launches)
    {
        int count = 0;
        foreach (ref readonly StageLaunch launch in launches.AsSpan())
        {
            count += launch.IsOfPhase ? 1 : 0;
        }

        StageLaunch[] found = new StageLaunch[count];
        count = 0;
        foreach (ref readonly StageLaunch launch in launches.AsSpan())
        {
            if (launch.IsOfPhase)
            {
                found[count++] = launch;
            }
        }

        return found;
    }

    /// <summary>Launches that work on the rows of their own phase alone, of a stage that is another's but for these.</summary>
    /// <param name="others">The other's.</param>
    /// <param name="room">Those of a third such stage, which are written over; null for none.</param>
    /// <param name="table">The stage.</param>
    /// <param name="clock">The chip.</param>
    public static StageLaunch[] OfPhase(StageLaunch[] others, StageLaunch[]? room, OperatorTable table, EngineClock clock)
    {
        StageLaunch[] launches = room ?? new StageLaunch[others.Length];
        List<int> members = Members;
        for (int index = 0; index < launches.Length; index++)
        {
            ref readonly StageLaunch other = ref others[index];
            StageLaunch launch = On(other, table, clock.Rates.Types, members);
            launches[index] = IsBoundLike(launch, other) ? launch : launch with { Bound = clock.Bound(table, launch, holdsForAnyChip: true) };
        }

        return launches;
    }

    /// <summary>All launches of a stage that is another's but for those of its phase.</summary>
    /// <param name="others">The other's, all.</param>
    /// <param name="ofPhase">Its own of the phase, in order.</param>
    public static StageLaunch[] InPlace(StageLaunch[] others, StageLaunch[] ofPhase)
    {
        int own = 0;
        return Array.ConvertAll(others, other => other.IsOfPhase ? ofPhase[own++] : other);
    }

    /// <summary>The same of what they are never faster than.</summary>
    /// <param name="others">The other's, all.</param>
    /// <param name="launches">The launches, all.</param>
    /// <param name="ofPhase">Those of the phase, in order.</param>
    public static LeastTime[] InPlace(LeastTime[] others, StageLaunch[] launches, LeastTime[] ofPhase)
    {
        int own = 0;
        return [.. others.Select((other, index) => launches[index].IsOfPhase ? ofPhase[own++] : other)];
    }

    /// <summary>Launches of a stage whose prompts are of another length than another's; null where they are not the same kernels.</summary>
    /// <param name="others">The other's.</param>
    /// <param name="identities">What operators the other stage has, or as much of it as is lowered of this one.</param>
    /// <param name="room">Launches that were made of the other's for a third stage, and are written over; null for none.</param>
    /// <param name="table">The stage.</param>
    /// <param name="types">Data types of the job.</param>
    public static StageLaunch[]? OfAnotherLength(StageLaunch[] others, ReadOnlySpan<OperatorIdentity> identities, StageLaunch[]? room, OperatorTable table, FlopsTypes types)
    {
        if (!table.Identities.SequenceEqual(identities))
        {
            return null;
        }

        StageLaunch[] launches = room ?? new StageLaunch[others.Length];
        List<int> members = Members;
        for (int index = 0; index < launches.Length; index++)
        {
            // Which operators a kernel runs together goes by what they are and by whether a family has the first: all as before, where that is.
            ref readonly StageLaunch other = ref others[index];
            members.Clear();
            OperatorShape? shape = TableShapes.At(table, other.Operator, types, members);
            double repeats = table.Repeats[other.Operator];
            if (room is not null && shape is null && !other.HasShape && launches[index].Repeats == repeats)
            {
                continue;
            }

            launches[index] = other with { Shape = shape, Repeats = repeats };
            if (!IsBoundLike(launches[index], other))
            {
                return null;
            }
        }

        return launches;
    }

    /// <summary>What launches are never faster than.</summary>
    /// <param name="launches">The launches.</param>
    /// <param name="table">Their stage; null where there are none.</param>
    /// <param name="room">Room for them, which is written over where it is as large; null for none.</param>
    public static LeastTime[] Bounds(StageLaunch[] launches, OperatorTable? table, LeastTime[]? room = null)
    {
        LeastTime[] leasts = room?.Length == launches.Length ? room : new LeastTime[launches.Length];
        for (int index = 0; index < leasts.Length; index++)
        {
            leasts[index] = new LeastTime(table!, launches[index]);
        }

        return leasts;
    }

    /// <summary>The same of launches whose times alone will be asked, of which passes are what they are.</summary>
    /// <param name="launches">The launches.</param>
    /// <param name="table">Their stage; null where there are none.</param>
    /// <param name="room">Room for them, which is written over where it is as large; null for none.</param>
    public static LeastTime[] BoundsOfTimes(StageLaunch[] launches, OperatorTable? table, LeastTime[]? room)
    {
        LeastTime[] leasts = room?.Length == launches.Length ? room : new LeastTime[launches.Length];
        for (int index = 0; index < leasts.Length; index++)
        {
            if (launches[index].Way != LaunchWay.Pass)
            {
                leasts[index] = new LeastTime(table!, launches[index]);
            }
        }

        return leasts;
    }

    private static StageLaunch On(in StageLaunch other, OperatorTable table, FlopsTypes types, List<int> members)
    {
        members.Clear();
        return other with { Shape = TableShapes.At(table, other.Operator, types, members), Repeats = table.Repeats[other.Operator] };
    }

    /// <summary>Whether two launches of one operator are bound alike: all that forms bound them by is the same.</summary>
    private static bool IsBoundLike(in StageLaunch launch, in StageLaunch other)
    {
        if (!launch.HasShape || !other.HasShape)
        {
            return launch.HasShape == other.HasShape;
        }

        ref readonly OperatorShape one = ref launch.ShapeInPlace;
        ref readonly OperatorShape two = ref other.ShapeInPlace;
        return one.Family == two.Family && one.Kind == two.Kind && one.Variant == two.Variant && one.CacheBytes == two.CacheBytes
            && one.Heads == two.Heads && one.KeyValueHeads == two.KeyValueHeads && one.Experts == two.Experts && one.ExpertRanks == two.ExpertRanks;
    }
}
