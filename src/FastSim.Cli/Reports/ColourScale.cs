namespace FastSim.Cli.Reports;

/// <summary>
/// From figures to colours: evenly, by their logarithm where they span powers of ten, and by their rank where a few would leave all others one colour.
/// </summary>
internal sealed class ColourScale
{
    private const double LogarithmFrom = 10;
    private const double OneColour = 0.25;
    private const double Tail = 0.1;
    private const int FewestRanked = 8;
    private const int LabelSteps = 4;

    private readonly double least;
    private readonly double most;
    private readonly bool isLogarithmic;
    private readonly double[]? ranked;

    /// <summary>A scale.</summary>
    /// <param name="figures">All figures that it is to colour; NaN are none.</param>
    public ColourScale(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Where(double.IsFinite).Order()];
        HasFigures = sorted.Length > 0;
        if (!HasFigures)
        {
            return;
        }

        (least, most) = (sorted[0], sorted[^1]);
        isLogarithmic = least > 0 && most / least > LogarithmFrom;
        double middle = ShareOf(sorted[(int)((sorted.Length - 1) * (1 - Tail))]) - ShareOf(sorted[(int)((sorted.Length - 1) * Tail)]);
        double[] distinct = [.. sorted.Distinct()];
        if (middle < OneColour && distinct.Length >= FewestRanked)
        {
            ranked = distinct;
        }
    }

    /// <summary>Whether there is anything to colour.</summary>
    public bool HasFigures { get; }

    /// <summary>What a reader has to know of it; empty for nothing.</summary>
    public string Note => ranked is not null ? "Coloured by rank: each colour holds as many different figures." : isLogarithmic ? "Coloured by the logarithm." : "";

    /// <summary>What to write at it, and where, from 0 to 1: round numbers, or of ranks what stands there.</summary>
    public IEnumerable<(double Share, string Label)> Ticks
    {
        get
        {
            if (ranked is not null)
            {
                return Enumerable.Range(0, LabelSteps + 1).Select(step => ((double)step / LabelSteps, Labels.Of(ranked[step * (ranked.Length - 1) / LabelSteps])));
            }

            return least == most
                ? [(0.5, Labels.Of(least))]
                : (isLogarithmic ? Labels.LogarithmicTicks(least, most) : Labels.Ticks(least, most)).Select(tick => (ShareOf(tick), Labels.Of(tick)));
        }
    }

    /// <summary>Round numbers between the figures, at which lines of equal figures say more than colours: of ranks between all but the few that are apart.</summary>
    public IReadOnlyList<double> Levels
    {
        get
        {
            if (!HasFigures || least == most)
            {
                return [];
            }

            IReadOnlyList<double> all = ranked is not null
                ? Labels.Ticks(ranked[(int)((ranked.Length - 1) * Tail)], ranked[(int)((ranked.Length - 1) * (1 - Tail))])
                : isLogarithmic ? Labels.LogarithmicTicks(least, most) : Labels.Ticks(least, most);
            return [.. all.Where(level => level > least && level < most)];
        }
    }

    /// <summary>Place of a figure between others along the scale, for what lies between two cells; NaN for none.</summary>
    public double PlaceOf(double figure) => ranked is null ? ShareOf(figure) : figure;

    /// <summary>Colour of a figure.</summary>
    public string Of(double figure) => Palette.Of(ranked is null ? ShareOf(figure) : RankOf(figure));

    private double RankOf(double figure)
    {
        int found = Array.BinarySearch(ranked!, figure);
        return (double)(found < 0 ? ~found : found) / (ranked!.Length - 1);
    }

    private double ShareOf(double figure) => isLogarithmic
        ? Labels.LogarithmOfRatio(figure, least) / Labels.LogarithmOfRatio(most, least)
        : (figure - least) / Math.Max(most - least, 1e-300);
}
