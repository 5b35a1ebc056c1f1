namespace FastSim.Cli.Surrogates;

/// <summary>What share of a held-out chip's operators lie within their intervals, which four of five should.</summary>
/// <param name="Chip">The chip, or what several have in common.</param>
/// <param name="Rows">Operators.</param>
/// <param name="OfRows">The share of all of them.</param>
/// <param name="OfFamilies">The mean of the families' shares, each counted alike however many operators it has.</param>
/// <param name="Families">Families, of each chip.</param>
/// <param name="Near">Those of them whose share is within 5 points of four of five.</param>
/// <param name="Off">By how much families' shares are off four of five in the mean.</param>
internal sealed record IntervalShares(string Chip, int Rows, double OfRows, double OfFamilies, int Families, int Near, double Off)
{
    private const double Wanted = 0.8;
    private const double LeastNear = 0.75;
    private const double MostNear = 0.85;

    /// <summary>Shares by chip, and of all chips together.</summary>
    /// <param name="chips">Chips, and how far off a model is on their families; nothing comes of chips for which it states no intervals.</param>
    public static IReadOnlyList<IntervalShares> Of(IEnumerable<(string Chip, SurrogateErrors[] Errors)> chips)
    {
        (string Chip, SurrogateErrors[] Families)[] stated =
        [
            .. chips.Select(chip => (chip.Chip, Families: chip.Errors.Where(errors => errors.Level == 0 && !double.IsNaN(errors.Within)).ToArray()))
                .Where(chip => chip.Families.Length > 0),
        ];
        return stated.Length == 0
            ? []
            : [.. stated.Select(chip => Of(chip.Chip, chip.Families)), Of("all chips", [.. stated.SelectMany(chip => chip.Families)])];
    }

    private static IntervalShares Of(string chip, SurrogateErrors[] families)
    {
        int rows = families.Sum(family => family.Model.Count);
        return new IntervalShares(
            chip,
            rows,
            families.Sum(family => family.Within * family.Model.Count) / rows,
            families.Average(family => family.Within),
            families.Length,
            families.Count(family => family.Within is >= LeastNear and <= MostNear),
            families.Average(family => Math.Abs(family.Within - Wanted)));
    }
}
