using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// Times that a step which decodes never falls below, in few operations: bounds that add up are added up, exchanges and experts are asked one by one. The same on all chips
/// of the same data types. Serves any number of threads.
/// </summary>
internal sealed class StepFloor
{
    private readonly OperatorTable table;
    private readonly StageLaunch[] launches;
    private readonly LeastTime[] leasts;
    private readonly LeastSums shared;
    private readonly LeastSums logits;
    private readonly LeastSums own;
    private readonly int[] others;
    private readonly int[] exchanges;
    private readonly int[] firstAlike;

    /// <summary>Of a stage when it decodes.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="launches">Its launches.</param>
    /// <param name="leasts">Their bounds.</param>
    public StepFloor(OperatorTable table, StageLaunch[] launches, LeastTime[] leasts)
    {
        (this.table, this.launches, this.leasts) = (table, launches, leasts);
        others = Some(index => !IsAddedUp(index));
        exchanges = Some(index => leasts[index].IsExchange);
        firstAlike = [.. Enumerable.Range(0, launches.Length)];
        foreach (int index in exchanges)
        {
            firstAlike[index] = Array.Find(exchanges, other => other == index || IsAlike(other, index));
        }

        HasOwnExchange = Array.Exists(exchanges, index => launches[index].IsOfPhase);
        shared = Sums(index => !launches[index].IsOfPhase && launches[index].Part != StepPart.Logits);
        logits = Sums(index => !launches[index].IsOfPhase && launches[index].Part == StepPart.Logits);
        own = Sums(index => launches[index].IsOfPhase);
        LeastSums Sums(Predicate<int> isOf)
        {
            int[] summed = Some(index => IsAddedUp(index) && isOf(index));
            return new LeastSums(Array.ConvertAll(summed, index => leasts[index].Row(launches[index].Repeats)));
        }
    }

    /// <summary>Whether there is an exchange among what decoding sequences launch alone.</summary>
    public bool HasOwnExchange { get; }

    /// <summary>The first exchange that takes the time of one at as many sequences, whatever the chip: itself where none before it does; of no exchange itself, too.</summary>
    /// <param name="launch">The launch.</param>
    public int FirstAlike(int launch) => firstAlike[launch];

    private bool IsAlike(int one, int other)
    {
        ref readonly StageLaunch first = ref launches[one];
        ref readonly StageLaunch second = ref launches[other];
        return first.IsOfPhase == second.IsOfPhase
            && first.Part == StepPart.Logits == (second.Part == StepPart.Logits)
            && GoesByMessage(first.Operator)
            && GoesByMessage(second.Operator)
            && table.Exchanges[first.Operator] == table.Exchanges[second.Operator];
    }

    /// <summary>Whether its message is all that an exchange goes by: what a library of experts' exchanges takes goes by its direction, too.</summary>
    private bool GoesByMessage(int op) => table.Identities[op].Kind is not (LaunchKind.ExpertDispatch or LaunchKind.ExpertCombine);

    /// <summary>Launches of some kind, in their order.</summary>
    private int[] Some(Predicate<int> isOf)
    {
        Span<int> found = stackalloc int[launches.Length];
        int count = 0;
        for (int index = 0; index < launches.Length; index++)
        {
            if (isOf(index))
            {
                found[count++] = index;
            }
        }

        return found[..count].ToArray();
    }

    private bool IsAddedUp(int index) => leasts[index].IsAffine && !IsExperts(launches[index]);

    /// <summary>Microseconds of launches that run once over all tokens, but for exchanges; experts, whose hottest rank decides, are priced.</summary>
    /// <param name="clock">The chip.</param>
    /// <param name="sequences">As many sequences as have all the tokens.</param>
    /// <param name="samples">Sequences that get a token.</param>
    public double Shared(EngineClock clock, double sequences, double samples)
    {
        double sum = clock.Least(shared, sequences) + clock.Least(logits, samples);
        foreach (int index in others)
        {
            ref readonly StageLaunch launch = ref launches[index];
            if (launch.IsOfPhase || leasts[index].IsExchange)
            {
                continue;
            }

            double one = IsExperts(launch)
                ? clock.Price(table, launch, leasts[index], hasShape: true, launch.ShapeInPlace.At(sequences), sequences, default, out _)
                : clock.Least(table, launch, leasts[index], launch.Part == StepPart.Logits ? samples : sequences);
            sum += launch.Repeats * one;
        }

        return sum;
    }

    /// <summary>Microseconds of launches that run over decoding sequences alone, but for exchanges.</summary>
    /// <param name="clock">The chip.</param>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    public double Own(EngineClock clock, double decoding)
    {
        double sum = clock.Least(own, decoding);
        foreach (int index in others)
        {
            ref readonly StageLaunch launch = ref launches[index];
            sum += launch.IsOfPhase && !leasts[index].IsExchange ? launch.Repeats * clock.Least(table, launch, leasts[index], decoding) : 0;
        }

        return sum;
    }

    /// <summary>Microseconds of exchanges: of what runs once over all tokens, or over decoding sequences alone.</summary>
    /// <param name="clock">The chip.</param>
    /// <param name="sequences">As many sequences as have all the tokens; those that decode.</param>
    /// <param name="samples">Sequences that get a token.</param>
    /// <param name="ofPhase">Whether it is of what runs over decoding sequences alone.</param>
    public double Exchanges(EngineClock clock, double sequences, double samples, bool ofPhase)
    {
        double sum = 0;
        Span<double> ones = stackalloc double[launches.Length];
        foreach (int index in exchanges)
        {
            ref readonly StageLaunch launch = ref launches[index];
            if (launch.IsOfPhase == ofPhase)
            {
                ones[index] = firstAlike[index] < index
                    ? ones[firstAlike[index]]
                    : clock.Least(table, launch, leasts[index], launch.Part == StepPart.Logits ? samples : sequences);
                sum += launch.Repeats * ones[index];
            }
        }

        return sum;
    }

    /// <summary>Microseconds of all but exchanges, without pricing anything: never falls with the sequences, and rises no faster than they do.</summary>
    /// <param name="clock">The chip.</param>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    public double Unpriced(EngineClock clock, double decoding)
    {
        double sum = clock.Least(shared, decoding) + clock.Least(logits, decoding) + clock.Least(own, decoding);
        foreach (int index in others)
        {
            sum += leasts[index].IsExchange ? 0 : launches[index].Repeats * clock.Least(table, launches[index], leasts[index], decoding);
        }

        return sum;
    }

    /// <summary>Microseconds of exchanges that forms price: never falls with the sequences, and rises no faster than they do.</summary>
    /// <param name="clock">The chip.</param>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    public double UnpricedExchanges(EngineClock clock, double decoding)
    {
        double sum = 0;
        Span<double> ones = stackalloc double[launches.Length];
        foreach (int index in exchanges)
        {
            ones[index] = firstAlike[index] < index
                ? ones[firstAlike[index]]
                : clock.Least(table, launches[index], leasts[index], decoding, byFormsAlone: true);
            sum += launches[index].Repeats * ones[index];
        }

        return sum;
    }

    private static bool IsExperts(in StageLaunch launch) => launch.HasShape && launch.ShapeInPlace.Family == OperatorFamily.Experts;
}
