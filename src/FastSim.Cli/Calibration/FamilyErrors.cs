using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Errors of all kinds of a family together.</summary>
/// <param name="Name">The family, or what of it stands together.</param>
/// <param name="All">Errors of the fits on all rows.</param>
/// <param name="Flat">Errors of the flat rooflines, a constant a kind.</param>
internal sealed record FamilyErrors(string Name, FitErrors All, FitErrors Flat)
{
    /// <summary>The name under which the all-reduces of all libraries stand.</summary>
    public const string AllReduce = "all_reduce";

    /// <summary>Errors by family; all-reduces also apart from other collectives.</summary>
    public static IReadOnlyList<FamilyErrors> Of(IReadOnlyList<OperatorFit> fits)
    {
        List<FamilyErrors> families = [.. fits.GroupBy(fit => fit.Family).Select(group => Of(group.Key, group))];
        OperatorFit[] sums =
            [.. fits.Where(fit => fit.Family == CollectiveTiming.Form.Family && fit.Kind.EndsWith(AllReduce, StringComparison.Ordinal))];
        if (sums.Length > 0)
        {
            families.Add(Of(AllReduce, sums));
        }

        return families;
    }

    private static FamilyErrors Of(string name, IEnumerable<OperatorFit> fits) => new(
        name, FitErrors.Of(fits.SelectMany(fit => fit.Ratios)), FitErrors.Of(fits.SelectMany(fit => fit.FlatRatios)));
}
