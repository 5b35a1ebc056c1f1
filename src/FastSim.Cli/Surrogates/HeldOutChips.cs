using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>
/// Ensembles of all chips but one, for each: how far off their answers are for the chip they do not know is what an answer's interval goes by, so that it holds for chips that
/// nobody measured.
/// </summary>
internal sealed class HeldOutChips
{
    private const double Within = 0.8;
    private const double NearlyAll = 0.99;

    private readonly Dictionary<OperatorFamily, List<(TrainingChip Chip, double[] Excesses)>> excesses = [];

    /// <summary>The chips, and ensembles trained on the others of each.</summary>
    public List<(TrainingChip Chip, LearnedModel Model)> Chips { get; } = [];

    /// <summary>Takes in a chip.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="model">Ensembles that do not know it; or that do not know the operators that <paramref name="heldOutAlone"/> says.</param>
    /// <param name="heldOutAlone">Whether the fifth that is held out counts alone.</param>
    public void Add(TrainingChip chip, LearnedModel model, bool heldOutAlone)
    {
        Chips.Add((chip, model));
        float[] row = new float[OperatorComponents.Count];
        foreach ((OperatorFamily family, TimeEnsemble ensemble) in model.Ensembles)
        {
            List<double> found = [];
            foreach ((MeasuredKind kind, int index) in chip.Of(family))
            {
                if (!heldOutAlone || kind.IsHeldOut(index))
                {
                    OperatorComponents.Write(TrainingChip.ShapeOf(kind, index), chip.Roofline, model.Forms, row);
                    double logarithm = ensemble.Logarithm(row, out double spread);
                    found.Add(Math.Abs(logarithm - Math.Log(kind.Measured[index])) - spread);
                }
            }

            if (found.Count > 0)
            {
                if (!excesses.TryGetValue(family, out List<(TrainingChip, double[])>? known))
                {
                    excesses[family] = known = [];
                }

                known.Add((chip, [.. found]));
            }
        }
    }

    /// <summary>A model with its intervals: wide enough for four of five operators of chips held out, each chip counted alike.</summary>
    /// <param name="model">The model.</param>
    /// <param name="learned">Chips it was trained on.</param>
    /// <param name="judged">A chip that must not say how wide, since it is what the interval is judged by; null for none.</param>
    public LearnedModel WithIntervals(LearnedModel model, IReadOnlyList<TrainingChip> learned, TrainingChip? judged)
    {
        SortedDictionary<OperatorFamily, TimeEnsemble> wide = [];
        foreach ((OperatorFamily family, TimeEnsemble ensemble) in model.Ensembles)
        {
            wide[family] = WithInterval(family, ensemble, model.Forms, learned, judged);
        }

        return model with { Ensembles = wide };
    }

    private TimeEnsemble WithInterval(
        OperatorFamily family, TimeEnsemble ensemble, FormParameters forms, IReadOnlyList<TrainingChip> learned, TrainingChip? judged)
    {
        List<(double Excess, double Weight)> all = [];
        foreach ((TrainingChip chip, double[] own) in excesses.GetValueOrDefault(family) ?? [])
        {
            if (chip != judged)
            {
                all.AddRange(own.Select(excess => (excess, 1d / own.Length)));
            }
        }

        double least = Math.Max(0, Quantile(all, Within));
        TimeEnsemble wide = ensemble with { LeastHalfWidth = (float)least };
        List<(double, double)> widths = [];
        float[] row = new float[OperatorComponents.Count];
        foreach (TrainingChip chip in learned)
        {
            foreach ((MeasuredKind kind, int index) in chip.Of(family))
            {
                OperatorComponents.Write(TrainingChip.ShapeOf(kind, index), chip.Roofline, forms, row);
                wide.Logarithm(row, out double halfWidth);
                widths.Add((halfWidth, 1));
            }
        }

        return wide with { MostHalfWidth = (float)Quantile(widths, NearlyAll) };
    }

    /// <summary>The least number that a share of the weight does not exceed; 0 where there is none.</summary>
    private static double Quantile(List<(double Number, double Weight)> numbers, double share)
    {
        numbers.Sort(static (one, other) => one.Number.CompareTo(other.Number));
        double wanted = share * numbers.Sum(each => each.Weight);
        double sum = 0;
        foreach ((double number, double weight) in numbers)
        {
            sum += weight;
            if (sum >= wanted)
            {
                return number;
            }
        }

        return numbers.Count > 0 ? numbers[^1].Number : 0;
    }
}
