using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>
/// Ensembles of all of some chips but one, for each: how far off their answers are for the chip they do not know is what an answer's interval goes by, so that it holds for
/// chips that nobody measured.
/// </summary>
internal sealed class HeldOutChips
{
    private const double NearlyAll = 0.99;
    private const double HalfAsynchronous = 0.5;

    private readonly FormatWidths widths = new();
    private readonly List<(TrainingChip Chip, LearnedModel Model, bool HasLike, SortedDictionary<(OperatorFamily Family, int Format), List<double>> Excesses)> held = [];

    /// <summary>Of no chip yet.</summary>
    /// <param name="learned">Chips whose shapes that were held out say what intervals are at least.</param>
    /// <param name="model">Ensembles that learned from their other shapes.</param>
    public HeldOutChips(IEnumerable<TrainingChip> learned, LearnedModel model)
    {
        SortedDictionary<(OperatorFamily Family, int Format), List<double>> shapes = [];
        foreach (TrainingChip chip in learned)
        {
            AddExcesses(chip, model, heldOutAlone: true, shapes);
        }

        foreach (((OperatorFamily family, int format), List<double> excesses) in shapes)
        {
            widths.AddLeast(family, format, [.. excesses]);
        }
    }

    /// <summary>The chips, and ensembles trained on the others of each.</summary>
    public IReadOnlyList<(TrainingChip Chip, LearnedModel Model)> Chips => [.. held.Select(each => (each.Chip, each.Model))];

    /// <summary>Takes in a chip.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="model">Ensembles that do not know it; or that do not know the operators that <paramref name="heldOutAlone"/> says.</param>
    /// <param name="learned">Chips that the model learned from.</param>
    /// <param name="heldOutAlone">Whether the fifth that is held out counts alone.</param>
    public void Add(TrainingChip chip, LearnedModel model, IEnumerable<TrainingChip> learned, bool heldOutAlone)
    {
        SortedDictionary<(OperatorFamily Family, int Format), List<double>> excesses = [];
        AddExcesses(chip, model, heldOutAlone, excesses);
        held.Add((chip, model, learned.Any(other => HaveLikeUnits(chip, other)), excesses));
    }

    /// <summary>A model with its intervals: wide enough for four of five operators of chips held out, each chip counted alike.</summary>
    /// <param name="model">The model.</param>
    /// <param name="learned">Chips it was trained on.</param>
    public LearnedModel WithIntervals(LearnedModel model, IReadOnlyList<TrainingChip> learned)
    {
        TakeWidths();
        SortedDictionary<OperatorFamily, TimeEnsemble> wide = [];
        foreach ((OperatorFamily family, TimeEnsemble ensemble) in model.Ensembles)
        {
            wide[family] = WithInterval(family, ensemble, model.Forms, learned);
        }

        return model with { Ensembles = wide };
    }

    /// <summary>
    /// Widths of the chips that a model was asked of which had learned from another with like units, as one that knows all of them has whatever chip it is asked of; where there is none, of all.
    /// </summary>
    private void TakeWidths()
    {
        bool isAny = held.Exists(each => each.HasLike);
        widths.Clear();
        foreach (((OperatorFamily family, int format), List<double> excesses) in held.Where(each => each.HasLike || !isAny).SelectMany(each => each.Excesses))
        {
            widths.Add(family, format, [.. excesses]);
        }
    }

    /// <summary>Whether the matrix units of two chips both fetch their operands by themselves, or both do not: else their kernels are others.</summary>
    private static bool HaveLikeUnits(TrainingChip one, TrainingChip other) => one.Roofline.Asynchrony >= HalfAsynchronous == other.Roofline.Asynchrony >= HalfAsynchronous;

    /// <summary>Adds by how much more a chip's logarithms of time are off than members' differences say, an operator each, by family and number format.</summary>
    private static void AddExcesses(
        TrainingChip chip, LearnedModel model, bool heldOutAlone, SortedDictionary<(OperatorFamily Family, int Format), List<double>> excesses)
    {
        float[] row = new float[OperatorComponents.Count];
        foreach ((OperatorFamily family, TimeEnsemble ensemble) in model.Ensembles)
        {
            foreach ((MeasuredKind kind, int index) in chip.Of(family))
            {
                if (!heldOutAlone || kind.IsHeldOut(index))
                {
                    OperatorComponents.Write(chip.ShapeOf(kind, index), chip.Roofline, model.Forms, row);
                    double logarithm = ensemble.Logarithm(row, out double halfWidthOfMembers);
                    (OperatorFamily, int) format = (family, FormatOf(family, row));
                    if (!excesses.TryGetValue(format, out List<double>? own))
                    {
                        excesses[format] = own = [];
                    }

                    own.Add(Math.Abs(logarithm - Math.Log(kind.Measured[index])) - halfWidthOfMembers);
                }
            }
        }
    }

    private TimeEnsemble WithInterval(OperatorFamily family, TimeEnsemble ensemble, FormParameters forms, IReadOnlyList<TrainingChip> learned)
    {
        float[] ofMarks = new float[OperatorComponents.Count - OperatorComponents.Most];
        Dictionary<int, int> formats = new() { [-1] = 0 };
        foreach ((int mark, int after) in OperatorComponents.FormatsOf(family))
        {
            formats[mark] = formats[after] | (1 << mark);
            ofMarks[mark] = (float)(widths.Of(family, formats[mark]) - widths.Of(family, formats[after]));
        }

        TimeEnsemble wide = ensemble with { LeastHalfWidth = (float)widths.Of(family, 0), HalfWidthsOfMarks = ofMarks };
        List<double> known = [];
        float[] row = new float[OperatorComponents.Count];
        foreach (TrainingChip chip in learned)
        {
            foreach ((MeasuredKind kind, int index) in chip.Of(family))
            {
                OperatorComponents.Write(chip.ShapeOf(kind, index), chip.Roofline, forms, row);
                wide.Logarithm(row, out double halfWidth);
                known.Add(halfWidth);
            }
        }

        known.Sort();
        return known.Count == 0 ? wide : wide with { MostHalfWidth = (float)known[Math.Max(0, (int)Math.Ceiling(NearlyAll * known.Count) - 1)] };
    }

    /// <summary>A row's number format: a bit for each of its marks that is set.</summary>
    private static int FormatOf(OperatorFamily family, ReadOnlySpan<float> row)
    {
        int format = 0;
        foreach ((int mark, _) in OperatorComponents.FormatsOf(family))
        {
            format |= row[OperatorComponents.Most + mark] > 0 ? 1 << mark : 0;
        }

        return format;
    }
}
