namespace FastSim.Kernels.Fitting;

/// <summary>A fitted kind: its parameters and how far they are off.</summary>
/// <param name="Family">The operator family.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Parameters">Its parameters, in the form's order.</param>
/// <param name="Fitted">Errors on the cases that the fit saw.</param>
/// <param name="HeldOut">Errors on a fifth of the cases, none of which it saw.</param>
/// <param name="Ratios">Time over measured time of every case.</param>
/// <param name="FlatRatios">The same of the roofline at its one best constant.</param>
public sealed record OperatorFit(
    string Family,
    string Kind,
    IReadOnlyList<double> Parameters,
    FitErrors Fitted,
    FitErrors HeldOut,
    IReadOnlyList<double> Ratios,
    IReadOnlyList<double> FlatRatios)
{
    /// <summary>Errors on all cases.</summary>
    public FitErrors All { get; } = FitErrors.Of(Ratios);

    /// <summary>Errors of the flat roofline on all cases.</summary>
    public FitErrors Flat { get; } = FitErrors.Of(FlatRatios);
}
