using FastSim.Kernels.Chips;

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
    /// <param name="chips">Names of chips; nothing comes of those for which a model states no intervals.</param>
    /// <param name="errors">How far off it is on families of chips, each named by both, and on parts of them.</param>
    public static IReadOnlyList<IntervalShares> Of(IEnumerable<string> chips, IReadOnlyList<SurrogateErrors> errors)
    {
        (string Chip, SurrogateErrors[] Families)[] stated =
        [
            .. chips.Select(chip => (Chip: chip, Families: errors.Where(each => each.Level == 0 && !double.IsNaN(each.Within) && IsOf(chip, each.Group)).ToArray()))
                .Where(chip => chip.Families.Length > 0),
        ];
        return stated.Length == 0
            ? []
            : [.. stated.Select(chip => Of(chip.Chip, chip.Families)), Of("all chips", [.. stated.SelectMany(chip => chip.Families)])];
    }

    /// <summary>Whether a family is a chip's: all of its name counts, since another chip's may begin with it.</summary>
    private static bool IsOf(string chip, string group) =>
        group.StartsWith($"{chip} ", StringComparison.Ordinal) && Enum.TryParse(group.AsSpan(chip.Length + 1), out OperatorFamily _);

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
