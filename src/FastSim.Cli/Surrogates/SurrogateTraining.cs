using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>What training makes of some chips.</summary>
/// <param name="Ensembles">Ensembles by family.</param>
/// <param name="Forms">Parameters of the timing forms that they see.</param>
/// <param name="Timings">Forms at chips' peaks, by family and kind, of launches that are of no family of operators; fitted when they are asked for.</param>
/// <param name="Fits">Forms at chips' peaks by family and kind, as calibration carries them to a chip that was not measured; fitted when they are asked for.</param>
internal sealed record LearnedModel(
    SortedDictionary<OperatorFamily, TimeEnsemble> Ensembles,
    FormParameters Forms,
    Lazy<Dictionary<(string Family, string Kind), double[]>> Timings,
    Lazy<Dictionary<(string Family, string Kind), double[]>> Fits);

/// <summary>Trains an ensemble a family.</summary>
internal static class SurrogateTraining
{
    /// <summary>Steps of a network's training that are enough.</summary>
    public const int EnoughSteps = 8_000;

    /// <summary>Fewest measured operators that a family is learned from.</summary>
    public const int LeastRows = 200;

    /// <summary>Cases of a kind and chip that the forms among the components are fitted to.</summary>
    private const int CasesOfForm = 400;

    /// <summary>Seeds of members are this far apart, so that those of neighbouring seeds have none in common.</summary>
    private const int SeedsOfMember = 1_000_003;

    private static readonly OperatorFamily[] DecodeFamilies = [.. Enum.GetValues<OperatorFamily>().Where(DecodeKernels.AreOf)];

    /// <summary>Trains. The same operators, steps and seed give the same networks, whatever the threads.</summary>
    /// <param name="chips">Chips to learn from.</param>
    /// <param name="withHeldOut">Whether the fifth that is held out is learned from too.</param>
    /// <param name="steps">Steps a network.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="progress">Told the share that is done, now and then.</param>
    /// <returns>By family, without intervals.</returns>
    public static LearnedModel Train(
        IReadOnlyList<TrainingChip> chips, bool withHeldOut, int steps, int seed, int threads, Action<double>? progress)
    {
        OperatorFamily[] families =
            [.. Enum.GetValues<OperatorFamily>().Where(family => TrainingChip.Measured(chips, family, withHeldOut) >= LeastRows)];
        FormParameters forms = FormsOf(
            chips,
            Fits(chips, threads, areLearned: true, kind => PooledCalibration.IsOfDecoding(kind) ? null : PooledCalibration.FitHeld(chips, kind, CasesOfForm)),
            DecodeFamilies.SelectMany(family => PooledCalibration.FitDecodeKernels(chips, family, CasesOfForm, threads)).ToDictionary());
        Lazy<TimedOperators>[] rows = Array.ConvertAll(families, family => new Lazy<TimedOperators>(() => TrainingChip.Rows(chips, family, forms, withHeldOut)));
        MonotoneNetwork[][] trained = Array.ConvertAll(families, _ => new MonotoneNetwork[TimeEnsemble.Size]);
        double[] done = new double[families.Length * TimeEnsemble.Size];
        Parallel.For(
            0,
            done.Length,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            number =>
            {
                (int index, int member) = (number / TimeEnsemble.Size, number % TimeEnsemble.Size);
                MonotoneNetwork network = MonotoneTraining.Train(
                    rows[index].Value,
                    OperatorComponents.ComponentsOf(families[index]).Count,
                    steps,
                    unchecked((int)((seed + ((long)member * SeedsOfMember)) & int.MaxValue)),
                    share =>
                    {
                        done[number] = share;
                        progress?.Invoke(done.Sum() / done.Length);
                    },
                    ChipMarkOf(families[index]));
                if (!double.IsFinite(network.Logarithm(rows[index].Value.Features.AsSpan(0, OperatorComponents.Count))))
                {
                    throw new ConfigurationException($"{families[index]}: found measured times that no training can follow; expected milliseconds");
                }

                trained[index][member] = network;
                done[number] = 1;
                progress?.Invoke(done.Sum() / done.Length);
            });
        SortedDictionary<OperatorFamily, TimeEnsemble> found = [];
        for (int index = 0; index < families.Length; index++)
        {
            found[families[index]] = new TimeEnsemble(trained[index]);
        }

        return new LearnedModel(
            found, forms, AtPeaks(areLearned: false), AtPeaks(areLearned: true));

        Lazy<Dictionary<(string Family, string Kind), double[]>> AtPeaks(bool areLearned) =>
            new(() => Fits(chips, threads, areLearned, kind => PooledCalibration.Fit(chips, kind, Calibration.Calibration.EnoughCases / 2)));
    }

    /// <summary>The mark that is the chip's, whatever the kernel: of products the last, asynchronous units. Of other families' nothing was tried.</summary>
    private static int ChipMarkOf(OperatorFamily family) => family == OperatorFamily.Product ? OperatorComponents.MarksOf(family).Count - 1 : -1;

    /// <summary>Timing forms fitted to the chips together, a kind each: of kinds that are of a family of operators, or of those that are of none.</summary>
    private static Dictionary<(string Family, string Kind), double[]> Fits(
        IReadOnlyList<TrainingChip> chips, int threads, bool areLearned, Func<MeasuredKind, double[]?> fit)
    {
        MeasuredKind[] kinds =
        [
            .. chips.SelectMany(chip => chip.Kinds)
                .Where(kind => kind.Measured.Count > 0 && kind.Shape(0) is not null == areLearned)
                .DistinctBy(kind => (kind.Form.Family, kind.Kind)),
        ];
        double[]?[] fits = new double[]?[kinds.Length];
        Parallel.For(
            0,
            fits.Length,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            index => fits[index] = fit(kinds[index]));
        return kinds.Zip(fits).Where(pair => pair.Second is not null).ToDictionary(pair => (pair.First.Form.Family, pair.First.Kind), pair => pair.Second!);
    }

    /// <summary>Fits by what models see of a kind; of several the one with the most cases. Those of decode attention by its kernels.</summary>
    private static FormParameters FormsOf(
        IReadOnlyList<TrainingChip> chips, Dictionary<(string Family, string Kind), double[]> fits, Dictionary<(OperatorFamily Family, int Slot), double[]> decodeKernels)
    {
        Dictionary<(OperatorFamily, int), double[]> found = new(decodeKernels);
        foreach (var slot in chips.SelectMany(chip => chip.Kinds.Select(kind => (Chip: chip, Kind: kind)))
            .Where(pair => fits.ContainsKey((pair.Kind.Form.Family, pair.Kind.Kind)))
            .Select(pair => (pair.Chip, pair.Kind, Shape: pair.Chip.ShapeOf(pair.Kind, 0)))
            .GroupBy(each => (each.Shape.Family, FormParameters.SlotOf(each.Shape, each.Chip.Roofline)), each => each.Kind))
        {
            MeasuredKind most = slot.OrderByDescending(kind => kind.Measured.Count).ThenBy(kind => kind.Kind, StringComparer.Ordinal).First();
            found[slot.Key] = fits[(most.Form.Family, most.Kind)];
        }

        return new FormParameters(found) { AtHeldRates = true };
    }
}
