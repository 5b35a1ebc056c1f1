using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>Bounds boxes: by the chip that is best in every number that helps, and by interval arithmetic on what is asked of it. Serves one thread.</summary>
internal sealed class BoxSolver
{
    /// <summary>Variants of a box that is not cut any more.</summary>
    public const long FewVariants = 32;

    private const double LargestNumber = 1e30;
    private const double NoWidth = 50;

    private readonly SweepPlan plan;
    private readonly GroupCache groups;
    private readonly VariantScores scores;
    private readonly BoxValues values;
    private readonly ObjectiveBounds bounds;
    private readonly SearchQuestion question;
    private readonly int[] asked;
    private readonly SweepAnswer answer = new();
    private readonly Exchanges? exchanges;
    private readonly ChipRows[] best;
    private readonly ChipRows[] worst;
    private SweepGroup? lawful;
    private LawfulLengths[] lengths = [];
    private bool choosesCards;
    private ChipDrivers drivers = ChipDrivers.None;

    /// <summary>Bounds of a sweep's boxes.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="groups">Its groups.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="width">Lane width.</param>
    /// <exception cref="ConfigurationException">An expression, or an objective, has no bounds.</exception>
    public BoxSolver(SweepPlan plan, GroupCache groups, SearchQuestion question, LaneWidth width)
    {
        this.plan = plan;
        this.groups = groups;
        this.question = question;
        asked = [.. Enumerable.Range(0, question.IsAsked.Length).Where(job => question.IsAsked[job])];
        scores = new VariantScores(plan, groups, width);
        values = new BoxValues(plan);
        bounds = new ObjectiveBounds(plan, values, question);
        exchanges = Exchanges.Of(plan, question, values);
        best = Rows();
        worst = Rows();
        Require(plan.First);
    }

    /// <summary>Losses of variants, one by one (<see cref="VariantScores.Of"/>).</summary>
    public double[] Losses(IReadOnlyList<long> variants, SweepTally tally) => scores.Of(variants, question, tally);

    /// <summary>Bounds boxes of one group.</summary>
    /// <param name="boxes">The boxes.</param>
    /// <param name="goal">What is kept.</param>
    public void Bound(ReadOnlySpan<Box> boxes, ISearchGoal goal)
    {
        List<Box> open = [];
        foreach (Box box in boxes)
        {
            values.Load(box.Low, box.High);
            if (values.Passing() == Presence.Never)
            {
                box.Fate = BoxFate.Filtered;
                continue;
            }

            // What the box that it was cut from reaches is not exceeded by its parts: often enough to leave one out.
            if (box.Reaches.Length > 0 && Judge(box, GroupOf(box), box.Reaches, goal) != BoxFate.Open)
            {
                continue;
            }

            open.Add(box);
        }

        if (open.Count == 0)
        {
            return;
        }

        SweepGroup group = GroupOf(open[0]);
        Reach(open.FindAll(box => !HasReachOfParent(box)), group, goal);
        foreach (Box box in boxes)
        {
            box.Learn();
        }

        foreach (Box box in open.Where(box => box.Fate == BoxFate.Open))
        {
            values.Load(box.Low, box.High);
            if (box.Count > 1 && values.Passing() == Presence.Always && IsTied(box, group))
            {
                box.Fate = BoxFate.Tied;
            }
            else if (IsExchanged(box, group))
            {
                box.Fate = BoxFate.Exchanged;
            }
            else if (box.Count <= FewVariants)
            {
                Narrow(box, group, goal);
            }
            else
            {
                box.Cut = CutOf(box, group);
            }
        }
    }

    /// <summary>Whether a box's best chip is that of the box it was cut from, which was searched; where cards are chosen, what it reaches depends on the worst, too.</summary>
    private bool HasReachOfParent(Box box)
    {
        values.Load(box.Low, box.High);
        box.Ends = choosesCards ? null : drivers.BestEnds(values.Table);
        return box.Ends is { } ends && box.ParentEnds is { } parent && ends.AsSpan().SequenceEqual(parent);
    }

    /// <summary>Leaves out of a small box the variants whose own numbers tell, by what the best of them serves, that something better is known.</summary>
    private void Narrow(Box box, SweepGroup group, ISearchGoal goal)
    {
        box.Left = box.Variants(plan.Space, FewVariants).FindAll(variant =>
        {
            Box alone = Box.Of(plan.Space, variant);
            values.Load(alone.Low, alone.High);
            return values.Passing() != Presence.Never && Judge(alone, group, box.Reaches, goal) == BoxFate.Open && !IsExchanged(alone, group);
        });
    }

    private SweepGroup GroupOf(Box box)
    {
        SweepGroup group = groups.Get(plan.Space.GroupOf(box.First(plan.Space)));
        if (group != lawful)
        {
            Require(group);
            lawful = group;
            lengths = Array.ConvertAll(asked, job => LawfulLengths.Of(group.Jobs[job].Job));
            JobSweep[] searches = scores.Solver.SearchesOf(plan.Space.GroupOf(box.First(plan.Space)), group, 1);
            choosesCards = Array.Exists(asked, job => searches[job].ChoosesCards);
            drivers = ChipDrivers.Of(group, asked);
        }

        return group;
    }

    /// <summary>Whether others beside its variants beat all of a box; of cards to choose among, a better chip may use more, so that nothing tells.</summary>
    private bool IsExchanged(Box box, SweepGroup group) => !choosesCards && exchanges?.Beat(box, group) == true;

    private void Require(SweepGroup group)
    {
        foreach (int job in asked)
        {
            if (ChipLaws.Exception(group.Jobs[job].Job) is { } exception)
            {
                throw new ConfigurationException($"{plan.File.RuntimeFile}: job {job}: found {exception}; expected for --optimise plans of the cost model's operators (\"timing\": \"roofline\" without the key engine, be it \"none\"), of most throughput");
            }
        }
    }

    /// <summary>Bounds the objectives by what is served at most; the values hold the box.</summary>
    private BoxFate Judge(Box box, SweepGroup group, VariantReach[] reaches, ISearchGoal goal)
    {
        for (int index = 0; index < asked.Length; index++)
        {
            if (reaches[index].RequestsPerSecond == 0)
            {
                return box.Fate = BoxFate.Planless;
            }
        }

        Take(group, reaches, null);
        Presence presence = bounds.All();
        box.Corner = box.Corner.Length > 0 ? box.Corner : new double[question.Objectives.Count];
        bounds.CornerTo(box.Corner);
        return box.Fate = presence == Presence.Never ? BoxFate.Planless : goal.Beats(box.Corner) ? BoxFate.Outbid : BoxFate.Open;
    }

    /// <summary>Takes bounds of every job's columns; the values hold a box.</summary>
    /// <param name="group">Its group.</param>
    /// <param name="reaches">What is served at most, a job each.</param>
    /// <param name="shared">The plan that all variants have, a job each; null where they differ.</param>
    private void Take(SweepGroup group, VariantReach[] reaches, VariantResult[]? shared)
    {
        bounds.Begin();
        for (int index = 0; index < asked.Length; index++)
        {
            int job = asked[index];
            (Interval Bound, Presence Presence) price = OfCards(group, job, ChipNumbers.DollarsPerHour);
            (Interval Bound, Presence Presence) board = OfCards(group, job, ChipNumbers.BoardWatts);
            LawfulColumns.SetBounds(values.Table, values.FirstLawful, lengths[index], reaches[index], price, board);
            if (shared is not null)
            {
                answer.Load(0, job, group.Jobs[job].Job, shared[index]);
                LawfulColumns.SetShared(values.Table, values.FirstLawful, answer, IsOne(price), IsOne(board));
            }

            bounds.Take(job);
        }

        static bool IsOne((Interval Bound, Presence Presence) number) => number.Presence != Presence.Maybe && number.Bound.IsPoint;
    }

    /// <summary>What every card of a job costs or draws, of both phases.</summary>
    private (Interval Bound, Presence Presence) OfCards(SweepGroup group, int job, int place)
    {
        (Interval Bound, Presence Presence)? all = null;
        SweepJob own = group.Jobs[job];
        foreach (bool isPrefill in own.HasPrefill ? own.HasDecode ? (ReadOnlySpan<bool>)[true, false] : [true] : [false])
        {
            double stated = (isPrefill ? own.PrefillNumbers : own.DecodeNumbers).Values[place];
            (Interval Bound, Presence Presence) number = double.IsNaN(stated) ? (Interval.Any, Presence.Never) : (Interval.Of(stated), Presence.Always);
            foreach (LaneWrite write in group.Writes[job].Writes)
            {
                if (write.Place == place && (isPrefill ? write.OnPrefill : write.OnDecode))
                {
                    number = (values.Table.Bounds[write.Source] * Interval.Of(write.Factor), values.Table.Presences[write.Source]);
                }
            }

            all = all is not { } before ? number
                : number.Presence == Presence.Never ? (before.Bound, Least(before.Presence))
                : before.Presence == Presence.Never ? (number.Bound, Presence.Maybe)
                : (before.Bound.Hull(number.Bound), (Presence)Math.Min((int)before.Presence, (int)number.Presence));
        }

        return all!.Value;

        static Presence Least(Presence presence) => presence == Presence.Never ? presence : Presence.Maybe;
    }

    /// <summary>Judges boxes by what their best chips serve.</summary>
    private void Reach(List<Box> boxes, SweepGroup group, ISearchGoal goal)
    {
        if (boxes.Count == 0)
        {
            return;
        }

        VariantReach[][] reaches = [.. boxes.Select(_ => new VariantReach[asked.Length])];
        JobSweep[] searches = scores.Solver.SearchesOf(plan.Space.GroupOf(boxes[0].First(plan.Space)), group, boxes.Count);
        VariantReach[] found = new VariantReach[boxes.Count];
        double[] least = new double[boxes.Count];
        for (int index = 0; index < asked.Length; index++)
        {
            int job = asked[index];
            Array.Clear(least);
            if (choosesCards)
            {
                (ChipRows prefills, ChipRows decodes) = Corners(boxes, group, job, isBest: false);
                searches[job].Reach(prefills, decodes, least, found);
                for (int box = 0; box < least.Length; box++)
                {
                    least[box] = found[box].RequestsPerSecond * (1 - LawfulColumns.Room);
                }
            }

            (ChipRows prefill, ChipRows decode) = Corners(boxes, group, job, isBest: true);
            searches[job].Reach(prefill, decode, least, found);
            for (int box = 0; box < boxes.Count; box++)
            {
                reaches[box][index] = found[box];
            }
        }

        for (int index = 0; index < boxes.Count; index++)
        {
            Box box = boxes[index];
            values.Load(box.Low, box.High);
            box.Reaches = reaches[index];
            Judge(box, group, box.Reaches, goal);
        }
    }

    /// <summary>Chips that are the best, or the worst, of boxes in every number.</summary>
    private (ChipRows Prefill, ChipRows Decode) Corners(List<Box> boxes, SweepGroup group, int job, bool isBest)
    {
        ChipRows[] rows = isBest ? best : worst;
        SweepJob own = group.Jobs[job];
        (ChipRows prefill, ChipRows decode) = (rows[2 * job], rows[(2 * job) + 1]);
        prefill.Clear();
        decode.Clear();
        foreach (Box box in boxes)
        {
            values.Load(box.Low, box.High);
            Span<double> prefillRow = prefill.Add(own.PrefillNumbers.Values);
            Span<double> decodeRow = decode.Add(own.DecodeNumbers.Values);
            foreach (ref readonly LaneWrite write in group.Writes[job].Writes.AsSpan())
            {
                if (write.OnPrefill)
                {
                    prefillRow[write.Place] = Corner(write, own.Job.PrefillChip, isBest);
                }

                if (write.OnDecode)
                {
                    decodeRow[write.Place] = Corner(write, own.Job.DecodeChip, isBest);
                }
            }
        }

        return (prefill, decode);
    }

    private double Corner(in LaneWrite write, Chip chip, bool isBest)
    {
        Interval bound = values.Table.Bounds[write.Source] * Interval.Of(write.Factor);
        int direction = ChipLaws.DirectionOf(write.Place, chip.Networks.Count);
        double number = (direction > 0) == isBest ? bound.High : bound.Low;

        // Beyond these no variant's own number is taken either.
        return direction == 0 ? number : Math.Clamp(number, direction > 0 ? 1 / LargestNumber : 0, LargestNumber);
    }

    /// <summary>
    /// Whether all variants of a box have one score, or one value of every objective: its best and its worst chip have the same plan at the same figures, so every chip between has it, and
    /// the score goes by nothing else that varies.
    /// </summary>
    private bool IsTied(Box box, SweepGroup group)
    {
        // Cheap, and mostly decisive: as if the plan were one.
        VariantReach[] reaches = box.Reaches;
        TakeBest(group, reaches);
        if (!bounds.AreOne())
        {
            return false;
        }

        List<Box> only = [box];
        VariantResult[] shared = new VariantResult[asked.Length];
        JobSweep[] searches = scores.Solver.SearchesOf(plan.Space.GroupOf(box.First(plan.Space)), group, 1);
        VariantResult[] found = new VariantResult[1];
        for (int index = 0; index < asked.Length; index++)
        {
            (ChipRows prefill, ChipRows decode) = Corners(only, group, asked[index], isBest: true);
            searches[asked[index]].Solve(prefill, decode, [default], found);
            shared[index] = found[0];
            (prefill, decode) = Corners(only, group, asked[index], isBest: false);
            searches[asked[index]].Solve(prefill, decode, [default], found);
            if (!IsOne(shared[index].Prefill, found[0].Prefill) || !IsOne(shared[index].Decode, found[0].Decode) || !found[0].HasPlan)
            {
                return false;
            }
        }

        values.Load(box.Low, box.High);
        Take(group, reaches, shared);
        return bounds.AreOne();

        static bool IsOne(VariantPlan one, VariantPlan other) =>
            one.Layout == other.Layout && one.MicroBatches == other.MicroBatches && one.Sequences == other.Sequences && one.Figures == other.Figures;
    }

    /// <summary>The axis whose halves leave least open of what helps the chip and of what the score makes of the rest.</summary>
    private int CutOf(Box box, SweepGroup group)
    {
        int chosen = -1;
        double least = double.PositiveInfinity;
        int[] low = [.. box.Low];
        int[] high = [.. box.High];
        for (int axis = 0; axis < low.Length; axis++)
        {
            if (low[axis] == high[axis])
            {
                continue;
            }

            (int first, int last) = (low[axis], high[axis]);
            int middle = first + ((last - first) / 2);
            high[axis] = middle;
            double open = Width(low, high, group, box.Reaches, box.Slopes);
            (low[axis], high[axis]) = (middle + 1, last);
            open += Width(low, high, group, box.Reaches, box.Slopes);
            low[axis] = first;
            if (open < least || (open == least && last - first > high[chosen] - low[chosen]))
            {
                (chosen, least) = (axis, open);
            }
        }

        return chosen;
    }

    /// <summary>How far apart the best and the worst of a box are, by logarithms: of each number that helps, and of the score at what is served at most.</summary>
    private double Width(int[] low, int[] high, SweepGroup group, VariantReach[] reaches, double[] slopes)
    {
        values.Load(low, high);
        TakeBest(group, reaches);
        return drivers.Width(values.Table, slopes, Width) + bounds.OfParts(Width);
    }

    /// <summary>Takes every job's columns as if every variant served as much as the best; the values hold a box.</summary>
    private void TakeBest(SweepGroup group, VariantReach[] reaches)
    {
        bounds.Begin();
        for (int index = 0; index < asked.Length; index++)
        {
            int job = asked[index];
            LawfulColumns.SetBest(
                values.Table, values.FirstLawful, lengths[index], reaches[index], OfCards(group, job, ChipNumbers.DollarsPerHour), OfCards(group, job, ChipNumbers.BoardWatts));
            bounds.Take(job);
        }
    }

    private static double Width(Interval of)
    {
        double high = Math.Max(Math.Abs(of.Low), Math.Abs(of.High));
        double low = of.Low > 0 || of.High < 0 ? Math.Min(Math.Abs(of.Low), Math.Abs(of.High)) : 0;
        return high == 0 ? 0 : Math.Min(NoWidth, Math.Log(high / low));
    }

    private ChipRows[] Rows() =>
        [.. plan.First.Jobs.SelectMany(job => new[] { new ChipRows(job.PrefillNumbers.Values.Length), new ChipRows(job.DecodeNumbers.Values.Length) })];
}
