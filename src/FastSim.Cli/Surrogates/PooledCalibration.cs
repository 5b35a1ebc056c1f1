using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>Timing forms fitted to several chips together: what calibration can say of a chip that was not measured.</summary>
internal static class PooledCalibration
{
    /// <summary>
    /// Fits the kinds of a family and name on some chips together, each chip at its own peaks. Of exchanges cards that share a bus say nothing where others have links of their own: on the bus
    /// each card has the less the more of them exchange (docs/surrogate.md, "Exchanges over a bus"), which no parameter of the form is.
    /// </summary>
    /// <param name="chips">The chips.</param>
    /// <param name="kind">A kind of the same family and name.</param>
    /// <param name="mostCases">Cases of each chip at most.</param>
    /// <returns>The parameters; null where no chip measured the kind.</returns>
    public static double[]? Fit(IEnumerable<TrainingChip> chips, MeasuredKind kind, int mostCases)
    {
        List<(TimingModel Model, int Count)> models = [];
        List<double> measured = [];
        foreach ((TrainingChip _, MeasuredKind same) in OfLikeLinks([.. Measured(chips, kind)], kind.Form))
        {
            int[] cases = same.CasesToFit(mostCases);
            models.Add((same.Model(cases), cases.Length));
            measured.AddRange(cases.Select(index => same.Measured[index]));
        }

        if (models.Count == 0)
        {
            return null;
        }

        TimingModel pooled = (parameters, microseconds) =>
        {
            int first = 0;
            foreach ((TimingModel model, int count) in models)
            {
                double[] own = new double[count];
                model(parameters, own);
                own.CopyTo(microseconds.Slice(first, count));
                first += count;
            }
        };
        return Best(kind, pooled, [.. measured]);
    }

    /// <summary>Fits the kinds of a family and name on some chips together, each chip at the rates that it holds.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="kind">A kind of the same family and name.</param>
    /// <param name="mostCases">Cases of each chip at most.</param>
    /// <returns>The parameters; null where no chip measured the kind.</returns>
    public static double[]? FitHeld(IEnumerable<TrainingChip> chips, MeasuredKind kind, int mostCases)
    {
        List<(OperatorShape Shape, RooflineChip Chip)> cases = [];
        List<double> measured = [];
        foreach ((TrainingChip chip, MeasuredKind same) in Measured(chips, kind))
        {
            // What the chip computes in 16 bits says nothing of kernels of 8.
            foreach (int index in OperatorComponents.IsWidened(chip.ShapeOf(same, 0), chip.Roofline) ? [] : same.CasesToFit(mostCases))
            {
                cases.Add((chip.ShapeOf(same, index), chip.Roofline));
                measured.Add(same.Measured[index]);
            }
        }

        return cases.Count == 0 ? null : Best(kind, HeldForm.Of(cases), [.. measured]);
    }

    /// <summary>Fits each kernel of decode attention on some chips together, each chip at the rates that it holds.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="family">Plain or latent decode attention.</param>
    /// <param name="mostCases">Cases of each chip, kind and kernel at most.</param>
    /// <param name="threads">Threads.</param>
    /// <returns>Parameters by family and slot.</returns>
    public static Dictionary<(OperatorFamily Family, int Slot), double[]> FitDecodeKernels(IReadOnlyList<TrainingChip> chips, OperatorFamily family, int mostCases, int threads)
    {
        (int Slot, MeasuredKind Kind, (OperatorShape Shape, RooflineChip Chip)[] Cases, double[] Measured)[] kernels =
        [
            .. chips.SelectMany(chip => DecodeCases(chip, family, mostCases))
                .GroupBy(each => FormParameters.SlotOf(each.Shape, each.Chip))
                .OrderBy(kernel => kernel.Key)
                .Select(kernel => (kernel.Key, kernel.First().Kind, kernel.Select(each => (each.Shape, each.Chip)).ToArray(), kernel.Select(each => each.Measured).ToArray())),
        ];
        double[][] fits = new double[kernels.Length][];
        Parallel.For(
            0,
            fits.Length,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            index => fits[index] = Best(kernels[index].Kind, HeldForm.Of(kernels[index].Cases), kernels[index].Measured));
        return kernels.Zip(fits).ToDictionary(pair => (family, pair.First.Slot), pair => pair.Second);
    }

    /// <summary>
    /// A chip's cases of decode attention that fits see: of a plain cache that one block walks none, which say nothing of kernels that split the context, of a latent one of 8 bits that is read as one
    /// of 16 none, which say the same again.
    /// </summary>
    private static IEnumerable<(MeasuredKind Kind, OperatorShape Shape, RooflineChip Chip, double Measured)> DecodeCases(TrainingChip chip, OperatorFamily family, int mostCases)
    {
        foreach (MeasuredKind kind in chip.Kinds.Where(kind => FamilyOf(kind) == family))
        {
            foreach (IGrouping<int, int> kernel in kind.CasesToFit(int.MaxValue).GroupBy(index => FormParameters.SlotOf(chip.ShapeOf(kind, index), chip.Roofline)))
            {
                foreach (int index in kernel.Take(mostCases))
                {
                    OperatorShape shape = chip.ShapeOf(kind, index);
                    if (!OperatorComponents.IsWidened(shape, chip.Roofline) && (family == OperatorFamily.DecodeLatentAttention || !DecodeKernels.IsUnsplit(shape, chip.Roofline)))
                    {
                        yield return (kind, shape, chip.Roofline, kind.Measured[index]);
                    }
                }
            }
        }
    }

    /// <summary>Whether a kind's operators are decode attention, whose kernels are not its kinds.</summary>
    public static bool IsOfDecoding(MeasuredKind kind) => FamilyOf(kind) is { } family && DecodeKernels.AreOf(family);

    private static OperatorFamily? FamilyOf(MeasuredKind kind) => kind.Measured.Count > 0 ? kind.Shape(0)?.Family : null;

    private static double[] Best(MeasuredKind kind, TimingModel model, double[] measured) => kind.Form.Starts
        .Select(start => FormFit.From(kind.Form, model, measured, start))
        .MinBy(fit => fit.Loss)
        .Parameters;

    private static (TrainingChip Chip, MeasuredKind Kind)[] OfLikeLinks((TrainingChip Chip, MeasuredKind Kind)[] measured, TimingForm form)
    {
        bool isOverLinks = form.Family == CollectiveTiming.Form.Family || form.Family == ExpertExchangeTiming.Form.Family;
        return isOverLinks && Array.Exists(measured, each => !each.Chip.SharesBus) ? Array.FindAll(measured, each => !each.Chip.SharesBus) : measured;
    }

    private static IEnumerable<(TrainingChip Chip, MeasuredKind Kind)> Measured(IEnumerable<TrainingChip> chips, MeasuredKind kind)
    {
        foreach (TrainingChip chip in chips)
        {
            if (chip.Kinds.FirstOrDefault(other => other.Form.Family == kind.Form.Family && other.Kind == kind.Kind) is { } same)
            {
                yield return (chip, same);
            }
        }
    }
}
